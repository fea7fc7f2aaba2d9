"""`python_lambda_zip` and `lambda_zip`: artifacts for AWS Lambda, with the same bytes for the same files.

A function in Python is packed in steps, so that an edit of a source costs a second: first the third-party packages
for its `complete_platforms`, then the files of the targets that `files` names, last our own modules, each upon the one
before. pack.py leaves out what a Lambda never opens, compiles the modules (/var/task is read-only, so that each cold
start would) and refuses what is too big. In every other language a command has built the files, pack.py does the rest.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from pathlib import Path

from pants.backend.awslambda.python.target_types import PythonAwsLambdaRuntime
from pants.backend.python.subsystems.setup import PythonSetup
from pants.backend.python.target_types import PexLayout, PythonResolveField
from pants.backend.python.util_rules import faas
from pants.backend.python.util_rules.interpreter_constraints import InterpreterConstraints
from pants.backend.python.util_rules.pex import CompletePlatforms, Pex
from pants.backend.python.util_rules.pex_environment import PythonExecutable
from pants.backend.python.util_rules.pex_from_targets import PexFromTargetsRequest
from pants.backend.python.util_rules.pex_venv import PexVenv, PexVenvLayout, PexVenvRequest
from pants.backend.python.util_rules.python_sources import PythonSourceFilesRequest, StrippedPythonSourceFiles
from pants.core.goals.package import BuiltPackage, BuiltPackageArtifact, OutputPathField, PackageFieldSet
from pants.core.target_types import FileSourceField, ResourceSourceField
from pants.core.util_rules.source_files import SourceFilesRequest
from pants.core.util_rules.stripped_source_files import StrippedSourceFiles
from pants.engine.addresses import UnparsedAddressInputs
from pants.engine.fs import EMPTY_DIGEST, AddPrefix, CreateDigest, Digest, FileContent, MergeDigests
from pants.engine.process import Process, ProcessResult
from pants.engine.rules import Get, MultiGet, collect_rules, rule
from pants.engine.target import (
    COMMON_TARGET_FIELDS,
    SourcesField,
    SpecialCasedDependencies,
    StringSequenceField,
    Target,
    Targets,
    TransitiveTargets,
    TransitiveTargetsRequest,
)
from pants.engine.unions import UnionRule


class LambdaZipHandlerField(faas.PythonFaaSHandlerField):
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
class OwnSources:
    """The repository's modules that a function needs, in a folder `sources`; and the function, as Lambda names it."""

    digest: Digest
    handler: str


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
    """One run of pack.py: into the zip of that path, which `inputs` may hold already, go the files of their `source`
    (a folder or a zip) but those that fit a pattern of `exclude`."""

    zip_path: str
    source: str
    inputs: tuple[Digest, ...]
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
            argv=[python.path, "-I", "pack.py", packing.zip_path, packing.source, *packing.exclude],
            input_digest=await Get(Digest, MergeDigests([*packing.inputs, script_digest])),
            output_files=[packing.zip_path],
            description=packing.description,
        ),
    )
    return Packed(result.output_digest, result.stdout.decode().strip())


@dataclass(frozen=True)
class LibrariesRequest:
    """For the third-party packages that the function imports, directly or not."""

    field_set: PythonLambdaZipFieldSet


@dataclass(frozen=True)
class Libraries:
    """The packages as an import finds them, in a zip `libraries.zip`: wheels for the function's platforms."""

    digest: Digest


@rule
async def libraries(request: LibrariesRequest) -> Libraries:
    field_set = request.field_set
    platforms = await Get(CompletePlatforms, faas.PythonFaaSCompletePlatforms, field_set.complete_platforms)
    wheels = ("--manylinux=manylinux2014", "--resolve-local-platforms")
    pex = await Get(
        Pex,
        PexFromTargetsRequest(
            [field_set.address],
            output_filename="libraries.pex",
            internal_only=False,
            include_source_files=False,
            layout=PexLayout.PACKED,
            complete_platforms=platforms,
            additional_args=wheels,
            additional_lockfile_args=wheels,
        ),
    )
    venv = PexVenvRequest(
        pex,
        PexVenvLayout.FLAT_ZIPPED,
        Path("libraries.zip"),
        f"Lay out the libraries of {field_set.address}",
        complete_platforms=platforms,
    )
    return Libraries((await Get(PexVenv, PexVenvRequest, venv)).digest)


@rule
async def own_sources(field_set: PythonLambdaZipFieldSet) -> OwnSources:
    """Those that the handler imports, directly or not, their data, and the module that names every handler."""
    handler, targets = await MultiGet(
        Get(faas.ResolvedPythonFaaSHandler, faas.ResolvePythonFaaSHandlerRequest(field_set.handler)),
        Get(TransitiveTargets, TransitiveTargetsRequest([field_set.address])),
    )
    text = f"from {handler.module} import {handler.func} as handler"
    sources, named = await MultiGet(
        Get(StrippedPythonSourceFiles, PythonSourceFilesRequest(targets.closure)),
        Get(Digest, CreateDigest([FileContent("lambda_function.py", text.encode())])),
    )
    merged = await Get(Digest, MergeDigests([sources.stripped_source_files.snapshot.digest, named]))
    return OwnSources(await Get(Digest, AddPrefix(merged, "sources")), f"{handler.module}.{handler.func}")


@rule(desc="Pack a Python Lambda")
async def package_python_lambda_zip(field_set: PythonLambdaZipFieldSet) -> BuiltPackage:
    path = field_set.output_path.value_or_default(file_ending="zip")
    exclude = (*NEVER, *(field_set.exclude.value or ()))
    gathered, extra, own = await MultiGet(
        Get(Libraries, LibrariesRequest(field_set)),
        Get(ExtraFiles, LambdaZipFilesField, field_set.files),
        Get(OwnSources, PythonLambdaZipFieldSet, field_set),
    )
    packed = Packed(EMPTY_DIGEST, "")
    for source, digest in (("libraries.zip", gathered.digest), ("files", extra.digest), ("sources", own.digest)):
        told = f"Pack the {source.removesuffix('.zip')} of {field_set.address}"
        packed = await Get(Packed, Packing(path, source, (packed.digest, digest), exclude, told))
    log = (f"{packed.sizes}, handler {own.handler}",)
    return BuiltPackage(packed.digest, (BuiltPackageArtifact(path, extra_log_lines=log),))


@rule(desc="Pack a Lambda")
async def package_lambda_zip(field_set: LambdaZipFieldSet) -> BuiltPackage:
    built = await Get(ExtraFiles, LambdaZipFilesField, field_set.files)
    path = field_set.output_path.value_or_default(file_ending="zip")
    packed = await Get(Packed, Packing(path, "files", (built.digest,), (), f"Pack {field_set.address}"))
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
