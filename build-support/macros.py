"""The words of our BUILD files: one line says what a folder is, and with it who may import whom.

    layer("asl")            first line of src/stepsmith/<layer>/BUILD
    agent()                 agents/<name>/BUILD
    python_lambda()         tools/python/<tool>/BUILD and llm_callers/<vendor>/BUILD; gives `:lambda`, packaged into dist/
    go_lambda()             tools/go/<tool>/BUILD, and so for the other languages; go_kit() for tools/go/kit
    go_workspace()          tools/go/BUILD: the files that all tools of the language share
    infra()                 infra/BUILD: its tests run in the environment that makes Terraform
    integration_tests()     tests/<folder>/BUILD; gets the whole system's files

Each gives `:sources`, `:data` (all other files: schemas, tool.json, instructions) and `:tests` (`*_test.py`), which get the
folder's `testdata/` too. A test may name what it needs besides its imports: files or built artifacts (docs/build.md).
"""

# What each layer may import, besides itself and third-party packages. The same rules for import-linter: pyproject.toml.
_LAYERS = (
    ("contracts", ()),
    ("signing", ()),
    ("validation", ()),
    ("objects", ("contracts", "signing")),
    ("secrets", ()),
    ("asl", ()),
    ("lambdas", ()),
    ("trace", ("contracts",)),
    ("tool", ("contracts", "objects", "secrets", "validation")),
    ("llm", ("contracts", "objects", "secrets", "validation")),
    ("agent", ("asl", "contracts", "validation")),
    ("local", ("lambdas", "asl", "contracts", "objects", "signing")),
)

# Settings of the user's machine that a test's processes need; one that is unset is skipped.
_SETTINGS = (
    *("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "STEPSMITH_CACHE", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("PYENV_ROOT", "UV_PYTHON_INSTALL_DIR"),  # where environment.sh looks for interpreters
)
_TEST_SECONDS = 600
_NOT_SOURCES = ("!**/*_test.py", "!**/conftest.py", "!**/testdata/**")
_NOT_DATA = ("!**/*.py", "!**/BUILD", "!**/testdata/**", "!**/*_test.*", "!**/__pycache__/**")


def _may_import(*below):
    """Refuses every dependency but those below, the folder's own and third-party packages."""
    __dependencies_rules__(("*", "/**", *below, "//conftest.py", "//3rdparty/**", "//build-support/**", "!*"))


def _library(layers):
    return ["//src/stepsmith/__init__.py", *(f"//src/stepsmith/{layer}/**" for layer in layers)]


def _folder(needs=(), artifacts=(), seconds=_TEST_SECONDS):
    """The targets that every Python folder has."""
    resources(name="data", sources=["**/*", *_NOT_DATA])
    files(name="testdata", sources=["**/testdata/**"])
    python_sources(name="sources", sources=["**/*.py", *_NOT_SOURCES], dependencies=[":data"])
    python_test_utils(name="fixtures", sources=["**/conftest.py"])
    python_tests(
        name="tests",
        sources=["**/*_test.py"],
        dependencies=[":data", ":testdata", *needs],
        runtime_package_dependencies=[each for each in artifacts if _can_build(each)],
        extra_env_vars=[*_SETTINGS, *_GO_SETTINGS, *_RUST_SETTINGS, *_NODE_SETTINGS, *_JAVA_SETTINGS, "PATH"],
        timeout=seconds,
    )


def layer(name, needs=(), artifacts=()):
    """A library of src/stepsmith. Importing what is not below it is an error of `./pants dependencies ::`."""
    below = ["//**"] if name == "cli" else _library(dict(_LAYERS)[name])  # cli wires everything together
    _may_import(*below, *needs, *artifacts)
    _folder(needs, artifacts)


def agent(artifacts=()):
    """An agent: a value that imports `stepsmith.agent`, its instructions and scenarios. Its tests run it whole;
    `artifacts` are those of its tools in other languages than Python."""
    __dependencies_rules__(
        ("<python_test*>", "//**"),
        ("*", "/**", *_library(["agent", "asl", "contracts"]), "!*"),
    )
    _folder(["//:system"], artifacts)


def infra():
    """What makes Terraform. Its packages are an environment of their own, which `build-support/infra` has, too (a second
    one of Pants' would take 250 MB and a minute); so its sources are files to Pants, and pyproject.toml alone says what
    they may import."""
    files(name="sources", sources=["**/*", "!BUILD", "!**/__pycache__/**"])
    experimental_test_shell_command(
        name="tests",
        command="PATH=$USER_PATH build-support/infra --test",
        workdir="/",
        execution_dependencies=[
            *(":sources", "//:system", "//:rules", "//:pages", "//build-support:infra", "//3rdparty/python:locks"),
        ],
        extra_env_vars=[*_SETTINGS, "http_proxy", "https_proxy", "no_proxy", "USER_PATH=" + env("PATH")],
        timeout=_TEST_SECONDS,
    )


def integration_tests(needs=(), artifacts=(), seconds=_TEST_SECONDS):
    """Tests that no single folder can hold: they may import everything, and find the sources where a checkout has them.
    A file of them may take so many seconds."""
    _folder(["//:system", *needs], artifacts, seconds)


def python_lambda(made=(), exclude=(), needs=(), packs=(), architecture="x86_64"):
    """A Lambda whose entry is `handler` in handler.py, its other files packed beside it.

    made     files that a script makes: (script, file), run as `python script file`; the file is packed beside handler.py
    packs    `resources` targets of other folders whose files are packed, too
    exclude  patterns of what to leave out of the zip, besides tests of the packages
    packs    resources of other folders that go into the zip, under their path from their source root
    """
    kit = ["llm"] if build_file_dir().parts[0] == "llm_callers" else ["tool"]
    _may_import(*_library(["contracts", "objects", "secrets", *kit]), *needs, *packs)
    _folder([*needs, *packs])
    for script, file in made:
        _made_file(script, file)
    python_lambda_zip(
        name="lambda",
        handler="handler.py:handler",
        dependencies=[":data", *packs],
        files=[f":{file}" for _, file in made],
        exclude=[*exclude],
        complete_platforms=[f"//3rdparty/python:lambda-{architecture}"],
        output_path=f"{build_file_dir()}.zip",
    )


def _made_file(script, file):
    """Runs the script in the environment that ./stepsmith has, too (Pants' own would take a minute to make)."""
    here = build_file_dir()
    shell_command(
        name=file,
        command=f"""set -euo pipefail
            PATH=$USER_PATH
            source build-support/environment.sh
            use_environment python "$locks/python.lock"
            PYTHONPATH=src:tools/python:. "$environment/bin/python" -P {here}/{script} {here}/{file}""",
        workdir="/",
        execution_dependencies=[f"//{here}/{script}:sources", "//build-support:environment", "//3rdparty/python:locks"],
        output_files=[f"{here}/{file}"],
        root_output_directory="/tools/python" if here.parts[0] == "tools" else "/",  # the source root
        extra_env_vars=[*_SETTINGS, "USER_PATH=" + env("PATH")],
        timeout=_TEST_SECONDS,
    )


# The languages beside Python. Their own commands build and test, in a sandbox that holds the workspace's files, the kit and
# the tool, and nothing else. ./pants says which programs there are: a missing one fails the tests of its own language, by one
# sentence, and other tests do without its artifacts. (A command that failed while a test waits for its output would end
# `test ::` as a whole.)
_PROGRAMS = (
    ("go", (("go", "install Go 1.24 or newer."),)),
    ("java", (("jar", "install JDK 17 or newer."), ("mvn", "install Maven 3.8 or newer."))),
    ("rust", (("cargo", "install Rust 1.88 or newer (rustup)."), ("cc", "install a C compiler."))),
    ("typescript", (("node", "install Node.js 20 or newer."), ("npm", "install npm, which comes with Node.js."))),
)
_NATIVE_SECONDS = 1800
_CACHE = "${STEPSMITH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/stepsmith}"
_GO_SETTINGS = ("GOPROXY", "GOSUMDB", "GOPRIVATE", "GONOSUMDB", "GOFLAGS", "GOPATH", "GOMODCACHE", "GOCACHE")
_CASES = ("//tests/contracts:cases",)


def _missing(language):
    """What to do about the first program of the language that is not there; nothing where all are."""
    there = env("STEPSMITH_TOOLCHAINS")  # which ./pants sets
    return [
        f"Missing {name}: {advice}" for name, advice in dict(_PROGRAMS).get(language, ()) if f" {name} " not in there
    ][:1]


def _can_build(artifact):
    """Of an address such as //tools/go/web_research:lambda."""
    folder, _, rest = artifact.removeprefix("//").partition("/")
    return folder != "tools" or not _missing(rest.partition("/")[0])


def _command(language, settings, inputs, command):
    """A process of the language, in a folder with the workspace's files and `inputs`; it begins with `command`."""
    process = dict(
        workdir=f"/tools/{language}",
        extra_env_vars=[*_SETTINGS, "http_proxy", "https_proxy", "no_proxy", *settings, "USER_PATH=" + env("PATH")],
        timeout=_NATIVE_SECONDS,
    )
    for sentence in _missing(language):
        told = f"echo '{sentence} Or leave the language out: ./pants package :: -tools/{language}::' >&2\nexit 1\n"
        return dict(process, command=told)
    inputs = [f"//tools/{language}:workspace", *inputs]
    return dict(process, command=f"set -euo pipefail\nPATH=$USER_PATH\n{command}", execution_dependencies=inputs)


def _native_workspace(*sources):
    files(name="workspace", sources=[*sources])


def _native_kit(language, settings, test, needs=()):
    """The kit of a language: `:sources` for the tools, `:tests` with the cases that all kits must pass."""
    files(name="sources", sources=["**/*", "!BUILD"])
    experimental_test_shell_command(name="tests", **_command(language, settings, [":sources", *_CASES, *needs], test))


def _native_lambda(language, settings, build, test, needs, built_with=(), tested_with=()):
    """A tool: `build` writes the Lambda's files to $out; both commands know the tool's folder as $tool, and find what it
    `needs`; what is large and for one of them alone is named apart, for it is copied each time."""
    tool = build_file_dir().name
    files(name="sources", sources=["**/*", "!BUILD"])
    files(name="description", sources=["tool.json"])
    inputs = [":sources", f"//tools/{language}/kit:sources", *needs]
    start = f"tool={tool}\nout=$PWD/$tool/out\nmkdir $out\n"
    shell_command(
        name="built",
        output_directories=[f"{tool}/out"],
        root_output_directory=f"/tools/{language}/{tool}/out",
        **_command(language, settings, [*inputs, *built_with], start + build + "cp $tool/tool.json $out/\n"),
    )
    lambda_zip(name="lambda", files=[":built"], output_path=f"tools/{language}/{tool}.zip")
    experimental_test_shell_command(name="tests", **_command(language, settings, [*inputs, *tested_with], start + test))


_GO = """
export GOTOOLCHAIN=local GOFLAGS="${GOFLAGS:-} -mod=readonly -trimpath -buildvcs=false" CGO_ENABLED=0
"""


def go_workspace():
    """tools/go: one module, its lock go.sum."""
    _native_workspace("go.mod", "go.sum")


def go_kit():
    _native_kit("go", _GO_SETTINGS, _GO + "go vet ./kit/...\ngo test ./kit/...\n")


def go_lambda(architecture="x86_64", needs=()):
    """A tool in Go: one static program `bootstrap` (runtime provided.al2023), tool.json beside it."""
    goarch = {"x86_64": "amd64", "arm64": "arm64"}[architecture]
    _native_lambda(
        "go",
        _GO_SETTINGS,
        build=_GO
        + f"GOOS=linux GOARCH={goarch} go build -tags lambda.norpc -ldflags='-s -w -buildid=' -o $out/bootstrap ./$tool\n",
        test=_GO + "go vet ./$tool/...\ngo test ./$tool/...\n",
        needs=needs,
    )


_RUST_SETTINGS = ("CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN")
# Cargo wants every member of the workspace: those that are not here get empty sources. The target folder is shared, so that
# dependencies compile once, for tests and artifacts alike; its lock lets one build at a time. Cargo takes a source that is
# older than what was built of it for unchanged, though another sandbox may have built it of another source: ours are of the
# future, and so compiled each time. No flag names the sandbox: another flag compiles everything again.
_RUST = f"""
for manifest in */Cargo.toml; do
  member=${{manifest%/Cargo.toml}}
  [ -d $member/src ] || {{ mkdir $member/src; touch $member/src/lib.rs $member/src/main.rs; }}
done
export CARGO_TARGET_DIR={_CACHE}/cargo CARGO_INCREMENTAL=0
mkdir -p $CARGO_TARGET_DIR
if command -v flock >/dev/null; then exec 9>$CARGO_TARGET_DIR/commands.lock; flock 9; fi  # Cargo's own ends with a build.
cargo fetch --quiet --locked
RUSTFLAGS=
for crates in ${{CARGO_HOME:-$HOME/.cargo}}/registry/src/*; do RUSTFLAGS="$RUSTFLAGS --remap-path-prefix=$crates=crates"; done
export RUSTFLAGS
find . -name '*.rs' -exec touch -t 209901010000 {{}} +
host=$(rustc -vV | sed -n 's/^host: //p')
"""
_CARGO_TEST = _RUST + "cargo test --quiet --frozen --release --target $host -p "


def rust_workspace():
    """tools/rust: one Cargo workspace with its lock."""
    _native_workspace("Cargo.toml", "Cargo.lock", "*/Cargo.toml")


def rust_kit():
    _native_kit("rust", _RUST_SETTINGS, _CARGO_TEST + "stepsmith\n")


def rust_lambda(architecture="x86_64", needs=()):
    """A tool in Rust: one program `bootstrap` (runtime provided.al2023), tool.json beside it."""
    target = {"x86_64": "x86_64", "arm64": "aarch64"}[architecture] + "-unknown-linux-gnu"
    _native_lambda(
        "rust",
        _RUST_SETTINGS,
        build=_RUST
        + f"cargo build --quiet --frozen --release --target {target} -p $tool\n"
        + f"cp $CARGO_TARGET_DIR/{target}/release/$tool $out/bootstrap\n",
        test=_CARGO_TEST + "$tool\n",
        needs=needs,
    )


_NODE_SETTINGS = ("NPM_CONFIG_USERCONFIG", "NPM_CONFIG_REGISTRY", "NPM_CONFIG_CACHE", "NODE_EXTRA_CA_CERTS")
_NPM = "export PATH=$PWD/node_modules/.bin:$PATH\n"
_ESBUILD = "esbuild --log-level=warning --bundle --platform=node --target=node20 --format=esm --external:@aws-sdk/*"


def typescript_workspace():
    """tools/typescript: one npm workspace with its lock, installed once for all tools: `:packages` is what a bundle is made
    of and by (dependencies), `:packages-of-tests` has what checks and tests it, too (devDependencies)."""
    _native_workspace("package.json", "package-lock.json", "*/package.json", ".npmrc", "tsconfig.json")
    _npm_packages("packages", "--omit=dev")
    _npm_packages("packages-of-tests", "--include=dev")


def _npm_packages(name, which):
    install = f"npm ci {which} --loglevel=error --ignore-scripts --no-audit --no-fund --prefer-offline\n"
    installs = _command("typescript", _NODE_SETTINGS, [], install)
    shell_command(name=name, output_directories=["node_modules"], **installs)


def typescript_kit():
    test = "tsc --noEmit -p kit\nnode --test --import tsx kit/test/*.test.ts\n"
    _native_kit("typescript", _NODE_SETTINGS, _NPM + test, ["//tools/typescript:packages-of-tests"])


def typescript_lambda(needs=()):
    """A tool in TypeScript: one ES module `index.mjs` (runtime nodejs22.x), tool.json beside it."""
    _native_lambda(
        "typescript",
        _NODE_SETTINGS,
        build=_NPM + f"{_ESBUILD} --minify --legal-comments=none --outfile=$out/index.mjs $tool/src/index.ts\n",
        test=_NPM + "tsc --noEmit -p $tool\nnode --test --import tsx $tool/test/*.test.ts\n",
        needs=needs,
        built_with=["//tools/typescript:packages"],
        tested_with=["//tools/typescript:packages-of-tests"],
    )


_JAVA_SETTINGS = ("JAVA_HOME", "MAVEN_OPTS", "MAVEN_ARGS")
# A build is over before Java's second compiler has paid for itself: without it, half the processor time.
_MAVEN = """
export MAVEN_OPTS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC ${MAVEN_OPTS:-}"
mvn --batch-mode --quiet --no-transfer-progress --also-make --projects"""


def java_workspace():
    """tools/java: one Maven build of several modules, its versions pinned in the parent's pom.xml."""
    _native_workspace("pom.xml", "*/pom.xml")


def java_kit():
    _native_kit("java", _JAVA_SETTINGS, f"{_MAVEN} kit test\n")


def java_lambda(needs=()):
    """A tool in Java: its classes and those of its libraries (runtime java21 on AWS), tool.json beside them."""
    _native_lambda(
        "java",
        _JAVA_SETTINGS,
        build=f"{_MAVEN} $tool -DskipTests package\n(cd $out && jar xf ../target/$tool-0.jar)\n",
        test=f'{_MAVEN} $tool -Dtest="$tool/**" -Dsurefire.failIfNoSpecifiedTests=false test\n',  # not the kit's, too
        needs=needs,
    )
