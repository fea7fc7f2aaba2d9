"""`python_lambda_zip` and `lambda_zip`: artifacts for AWS Lambda, with the same bytes for the same files.

For Python, Pants' own machinery gathers the handler, all it imports and their third-party packages for
`complete_platforms` (as for its `python_awslambda`). pack.py then adds the files of the targets named by `files`,
leaves out what a Lambda never opens, compiles the modules (/var/task is read-only, so that each cold start would) and
refuses what is too big. In every other language a command has built the files, and pack.py alone does the rest.
"""

import pkgutil
from dataclasses import dataclass

from pants.backend.awslambda.python.target_types import PythonAwsLambdaRuntime
from pants.backend.python.subsystems.setup import PythonSetup
from pants.backend.python.target_types import PythonResolveField
from pants.backend.python.util_rules import faas
from pants.backend.python.util_rules.interpreter_constraints import InterpreterConstraints
from pants.backend.python.util_rules.pex_environment import PythonExecutable
from pants.core.goals.package import BuiltPackage, BuiltPackageArtifact, OutputPathField, PackageFieldSet
from pants.core.target_types import FileSourceField, ResourceSourceField
from pants.core.util_rules.source_files import SourceFilesRequest
from pants.core.util_rules.stripped_source_files import StrippedSourceFiles
from pants.engine.addresses import UnparsedAddressInputs
from pants.engine.fs import AddPrefix, CreateDigest, Digest, FileContent, MergeDigests
from pants.engine.process import Process, ProcessResult
from pants.engine.rules import Get, MultiGet, collect_rules, rule
from pants.engine.target import (
    COMMON_TARGET_FIELDS,
    SourcesField,
    SpecialCasedDependencies,
    StringSequenceField,
    Target,
    Targets,
)
from pants.engine.unions import UnionRule


class LambdaZipHandlerField(faas.PythonFaaSHandlerField):
    reexported_handler_module = "lambda_function"  # so that `lambda_function.handler` names every Lambda's handler, too
    help = "The function, as `file.py:function`."


class LambdaZipFilesField(SpecialCasedDependencies):
    alias = "files"
    help = "Addresses of targets whose files go into the zip, too, under their paths in their source root."


class LambdaZipExcludeField(StringSequenceField):
    alias = "exclude"
    default = ()
    help = (
        "Patterns (of fnmatch, where * passes /) of paths to leave out, besides those that pack.py always leaves out."
    )


class PythonLambdaZip(Target):
    alias = "python_lambda_zip"
    core_fields = (
        *COMMON_TARGET_FIELDS,
        OutputPathField,
        LambdaZipFilesField,
        LambdaZipExcludeField,
        LambdaZipHandlerField,
        faas.PythonFaaSDependencies,
        faas.PythonFaaSCompletePlatforms,
        PythonResolveField,
        PythonAwsLambdaRuntime,
    )
    help = "A reproducible zip of a Python function for AWS Lambda: sorted entries, fixed times, compiled."


class LambdaZip(Target):
    alias = "lambda_zip"
    core_fields = (*COMMON_TARGET_FIELDS, OutputPathField, LambdaZipFilesField)
    help = "A reproducible zip of a function that a command has built: sorted entries, fixed times."


@dataclass(frozen=True)
class LambdaZipFieldSet(PackageFieldSet):
    required_fields = (LambdaZipFilesField,)

    files: LambdaZipFilesField
    output_path: OutputPathField

    @classmethod
    def opt_out(cls, target: Target) -> bool:
        return not isinstance(target, LambdaZip)


@dataclass(frozen=True)
class PythonLambdaZipFieldSet(PackageFieldSet):
    required_fields = (LambdaZipFilesField, LambdaZipHandlerField)

    files: LambdaZipFilesField
    exclude: LambdaZipExcludeField
    handler: LambdaZipHandlerField
    complete_platforms: faas.PythonFaaSCompletePlatforms
    runtime: PythonAwsLambdaRuntime
    output_path: OutputPathField


@dataclass(frozen=True)
class ExtraFiles:
    """The files of the targets that `files` names, in a folder `files`."""

    digest: Digest


@rule
async def extra_files(field: LambdaZipFilesField) -> ExtraFiles:
    targets = await Get(Targets, UnparsedAddressInputs, field.to_unparsed_address_inputs())
    request = SourceFilesRequest(
        [target.get(SourcesField) for target in targets],
        for_sources_types=(FileSourceField, ResourceSourceField),
        enable_codegen=True,
    )
    stripped = await Get(StrippedSourceFiles, SourceFilesRequest, request)
    return ExtraFiles(await Get(Digest, AddPrefix(stripped.snapshot.digest, "files")))


# What no function opens: its packages' own tests, type stubs, sources of compiled modules, command line scripts.
NEVER = ("*/tests/*", "*/__pycache__/*", "bin/*", "*.pyi", "*.pyx", "*.pxd", "*.h", "*.a", "*_test.py", "*/conftest.py")


@dataclass(frozen=True)
class Packing:
    """One run of pack.py: what is there already (the zip of that path, the folder `files`), and what to leave out."""

    zip_path: str
    inputs: Digest
    exclude: tuple[str, ...]
    description: str


@dataclass(frozen=True)
class Packed:
    digest: Digest
    sizes: str


@rule
async def pack(packing: Packing, python_setup: PythonSetup) -> Packed:
    script = FileContent("pack.py", pkgutil.get_data(__name__, "pack.py") or b"")
    python, script_digest = await MultiGet(
        Get(PythonExecutable, InterpreterConstraints(python_setup.interpreter_constraints)),
        Get(Digest, CreateDigest([script])),
    )
    result = await Get(
        ProcessResult,
        Process(
            argv=[python.path, "-I", "pack.py", packing.zip_path, "files", *packing.exclude],
            input_digest=await Get(Digest, MergeDigests([packing.inputs, script_digest])),
            output_files=[packing.zip_path],
            description=packing.description,
        ),
    )
    return Packed(result.output_digest, result.stdout.decode().strip())


@rule(desc="Pack a Python Lambda")
async def package_python_lambda_zip(field_set: PythonLambdaZipFieldSet) -> BuiltPackage:
    gather = faas.BuildPythonFaaSRequest(
        address=field_set.address,
        target_name=PythonLambdaZip.alias,
        complete_platforms=field_set.complete_platforms,
        handler=field_set.handler,
        output_path=field_set.output_path,
        runtime=field_set.runtime,
        include_requirements=True,
        reexported_handler_module=field_set.handler.reexported_handler_module,
    )
    gathered, extra, handler = await MultiGet(
        Get(BuiltPackage, faas.BuildPythonFaaSRequest, gather),
        Get(ExtraFiles, LambdaZipFilesField, field_set.files),
        Get(faas.ResolvedPythonFaaSHandler, faas.ResolvePythonFaaSHandlerRequest(field_set.handler)),
    )
    path = gathered.artifacts[0].relpath or ""
    inputs = await Get(Digest, MergeDigests([gathered.digest, extra.digest]))
    exclude = (*NEVER, *(field_set.exclude.value or ()))
    packed = await Get(Packed, Packing(path, inputs, exclude, f"Pack {field_set.address}"))
    log = (f"{packed.sizes}, handler {handler.module}.{handler.func}",)
    return BuiltPackage(packed.digest, (BuiltPackageArtifact(path, extra_log_lines=log),))


@rule(desc="Pack a Lambda")
async def package_lambda_zip(field_set: LambdaZipFieldSet) -> BuiltPackage:
    built = await Get(ExtraFiles, LambdaZipFilesField, field_set.files)
    path = field_set.output_path.value_or_default(file_ending="zip")
    packed = await Get(Packed, Packing(path, built.digest, (), f"Pack {field_set.address}"))
    return BuiltPackage(packed.digest, (BuiltPackageArtifact(path, extra_log_lines=(packed.sizes,)),))


def target_types():
    return [PythonLambdaZip, LambdaZip]


def rules():
    return [
        *collect_rules(),
        *faas.rules(),
        UnionRule(PackageFieldSet, PythonLambdaZipFieldSet),
        UnionRule(PackageFieldSet, LambdaZipFieldSet),
    ]
