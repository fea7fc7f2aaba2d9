"""The words of our BUILD files: one line says what a folder is, and with it who may import whom.

    layer("asl")            first line of src/stepsmith/<layer>/BUILD
    agent()                 agents/<name>/BUILD
    python_lambda()         tools/python/<tool>/BUILD and llm_callers/<vendor>/BUILD; gives `:lambda`, packaged into dist/
    integration_tests()     tests/<folder>/BUILD; gets the whole system's files

Each gives `:sources`, `:data` (all other files: schemas, tool.json, instructions) and `:tests` (`*_test.py`), which get the
folder's `testdata/` too. A test may name what it needs besides its imports: files or built artifacts (docs/build.md).
"""

# What each layer may import, besides itself and third-party packages. The same rules for import-linter: pyproject.toml.
_LAYERS = (
    ("contracts", ()),
    ("objects", ("contracts",)),
    ("secrets", ()),
    ("asl", ()),
    ("lambdas", ()),
    ("trace", ("contracts",)),
    ("tool", ("contracts", "objects", "secrets")),
    ("llm", ("contracts", "objects", "secrets")),
    ("agent", ("asl", "contracts")),
    ("local", ("lambdas", "asl", "contracts", "objects")),
)

# Settings of the user's machine that a test's processes need; one that is unset is skipped.
_SETTINGS = ("HOME", "XDG_CACHE_HOME", "STEPSMITH_CACHE", "SSL_CERT_FILE", "SSL_CERT_DIR", "LANG", "TMPDIR")
_TEST_SECONDS = 600
_NOT_SOURCES = ("!**/*_test.py", "!**/conftest.py", "!**/testdata/**")
_NOT_DATA = ("!**/*.py", "!**/BUILD", "!**/testdata/**", "!**/*_test.*", "!**/__pycache__/**")


def _may_import(*below):
    """Refuses every dependency but those below, the folder's own and third-party packages."""
    __dependencies_rules__(("*", "/**", *below, "//conftest.py", "//3rdparty/**", "//build-support/**", "!*"))


def _library(layers):
    return ["//src/stepsmith/__init__.py", *(f"//src/stepsmith/{layer}/**" for layer in layers)]


def _folder(needs=(), artifacts=()):
    """The targets that every Python folder has."""
    resources(name="data", sources=["**/*", *_NOT_DATA])
    files(name="testdata", sources=["**/testdata/**"])
    python_sources(name="sources", sources=["**/*.py", *_NOT_SOURCES], dependencies=[":data"])
    python_test_utils(name="fixtures", sources=["**/conftest.py"])
    python_tests(
        name="tests",
        sources=["**/*_test.py"],
        dependencies=[":data", ":testdata", *needs],
        runtime_package_dependencies=[*artifacts],
        extra_env_vars=[*_SETTINGS, "PATH"],
        timeout=_TEST_SECONDS,
    )


def layer(name, needs=(), artifacts=()):
    """A library of src/stepsmith. Importing what is not below it is an error of `./pants dependencies ::`."""
    below = ["//**"] if name == "cli" else _library(dict(_LAYERS)[name])  # cli wires everything together
    _may_import(*below, *needs, *artifacts)
    _folder(needs, artifacts)


def agent():
    """An agent: a value that imports `stepsmith.agent`, its instructions and scenarios. Its tests run it whole."""
    __dependencies_rules__(
        ("<python_test*>", "//**"),
        ("*", "/**", *_library(["agent", "asl", "contracts"]), "!*"),
    )
    _folder(["//:system"])


def integration_tests(needs=(), artifacts=()):
    """Tests that no single folder can hold: they may import everything, and find the sources where a checkout has them."""
    _folder(["//:system", *needs], artifacts)


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
