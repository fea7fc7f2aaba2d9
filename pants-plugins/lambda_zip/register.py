"""`python_lambda_zip`: an artifact for AWS Lambda, with the same bytes for the same files.

Pants' own machinery gathers the handler, all it imports and their third-party packages for `complete_platforms` (as for
its `python_awslambda`). pack.py then adds the files of the targets named by `files`, leaves out what a Lambda never
opens, compiles the modules (/var/task is read-only, so that each cold start would) and refuses what is too big.
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


@rule(desc="Pack a Python Lambda")
async def package_python_lambda_zip(field_set: PythonLambdaZipFieldSet, python_setup: PythonSetup) -> BuiltPackage:
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
    script = FileContent("pack.py", pkgutil.get_data(__name__, "pack.py") or b"")
    gathered, extra, handler, python, script_digest = await MultiGet(
        Get(BuiltPackage, faas.BuildPythonFaaSRequest, gather),
        Get(ExtraFiles, LambdaZipFilesField, field_set.files),
        Get(faas.ResolvedPythonFaaSHandler, faas.ResolvePythonFaaSHandlerRequest(field_set.handler)),
        Get(PythonExecutable, InterpreterConstraints(python_setup.interpreter_constraints)),
        Get(Digest, CreateDigest([script])),
    )
    gathered_path = gathered.artifacts[0].relpath or ""
    inputs = await Get(Digest, MergeDigests([gathered.digest, extra.digest, script_digest]))
    packed = await Get(
        ProcessResult,
        Process(
            argv=[python.path, "-I", "pack.py", gathered_path, "files", *(field_set.exclude.value or ())],
            input_digest=inputs,
            output_files=[gathered_path],
            description=f"Pack {field_set.address}",
        ),
    )
    log = (f"{packed.stdout.decode().strip()}, handler {handler.module}.{handler.func}",)
    return BuiltPackage(packed.output_digest, (BuiltPackageArtifact(gathered_path, extra_log_lines=log),))


def target_types():
    return [PythonLambdaZip]


def rules():
    return [*collect_rules(), *faas.rules(), UnionRule(PackageFieldSet, PythonLambdaZipFieldSet)]
