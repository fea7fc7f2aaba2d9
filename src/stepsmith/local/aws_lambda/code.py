"""The code of functions and layers as requests bring it: a zip inline, or an object of S3. And UpdateFunctionCode."""

import asyncio
import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, BinaryIO

from stepsmith.local.functions.errors import changed_meanwhile, invalid
from stepsmith.local.functions.values import Code
from stepsmith.local.s3.faults import Fault

from . import described, versions
from .api import Answer, Api


async def update_function_code(api: Api, given: dict[str, Any]) -> Answer:
    api.latest(given["FunctionName"])
    code = await stored(api, given)
    with api.tables.changing():
        latest = api.latest(given["FunctionName"])
        if given.get("RevisionId", latest.revision_id) != latest.revision_id:
            raise changed_meanwhile()
        architectures = tuple(given.get("Architectures", latest.settings.architectures))
        settings = replace(latest.settings, architectures=architectures)
        changed = replace(latest, code=code, settings=settings, modified_ms=api.now_ms(), revision_id=api.new_id())
        if given.get("DryRun"):
            return described.configuration(changed)
        api.tables.put_version(changed)
        shown = versions.published(api, changed) if given.get("Publish") else changed
    return described.configuration(shown)


async def stored(api: Api, given: Mapping[str, Any]) -> Code:
    """The code that `ZipFile`, or `S3Bucket` and `S3Key`, give, examined and kept. Raises LambdaError."""
    source = _source(api, given)
    try:
        return await asyncio.to_thread(api.code.put, source)
    finally:
        source.close()


def _source(api: Api, given: Mapping[str, Any]) -> BinaryIO:
    if "ImageUri" in given:
        raise invalid("Container images are not run here: give a .zip file archive (ZipFile, or S3Bucket and S3Key).")
    if "ZipFile" in given:
        return io.BytesIO(given["ZipFile"])
    if "S3Bucket" not in given or "S3Key" not in given:
        raise invalid("Please provide a source for function code.")
    try:
        _, file = api.objects.open(given["S3Bucket"], given["S3Key"])
    except Fault as error:
        said = "Error occurred while GetObject. S3 Error Code: "
        raise invalid(f"{said}{error.code}. S3 Error Message: {error.message}") from error
    return file
