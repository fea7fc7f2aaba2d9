"""How functions, versions and aliases look in answers, in the API's own names."""

from datetime import UTC, datetime
from typing import Any

from stepsmith import lambdas
from stepsmith.local.functions.hosted import Hosted
from stepsmith.local.functions.names import LATEST, function_arn
from stepsmith.local.functions.values import Alias, Settings, Version
from stepsmith.local.roles.permissions import ACCOUNT


def configuration(version: Version, *, qualified: bool = False) -> dict[str, Any]:
    """A version as FunctionConfiguration. `qualified`: the ARN of `$LATEST` names it, as a list of versions has it."""
    settings = version.settings
    return {
        "FunctionName": version.function,
        "FunctionArn": function_arn(version.function, version.name) if qualified else version.arn,
        "CodeSize": version.code.bytes,
        "CodeSha256": version.code.sha256,
        "LastModified": timestamp(version.modified_ms),
        "Version": version.name,
        "RevisionId": version.revision_id,
        **_settings(settings),
        **_state(),
    }


def alias(alias: Alias) -> dict[str, Any]:
    routing = {"RoutingConfig": {"AdditionalVersionWeights": dict(alias.weights)}} if alias.weights else {}
    return {
        "AliasArn": function_arn(alias.function, alias.name),
        "Name": alias.name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RevisionId": alias.revision_id,
        **routing,
    }


def hosted(name: str, function: Hosted) -> dict[str, Any]:
    """A function of the repository; a callable of a test has hardly more than a name."""
    about = {"FunctionName": name, "FunctionArn": function_arn(name), "Version": LATEST, **_state()}
    match function.handler:
        case lambdas.Function() as code:
            return about | {
                "Runtime": code.runtime,
                "Handler": code.handler,
                "Timeout": int(code.timeout_seconds),
                "MemorySize": code.memory_mb,
                "Description": f"One of this repository: {code.code}",
                "Role": f"arn:aws:iam::{ACCOUNT}:role/{name}",
                "PackageType": "Zip",
            }
        case _:
            return about


def timestamp(ms: int) -> str:
    """`2026-11-23T02:14:00.123+0000`, as Lambda writes times."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000")


def _settings(settings: Settings) -> dict[str, Any]:
    environment = {"Environment": {"Variables": dict(settings.environment)}} if settings.environment else {}
    layers = [{"Arn": layer.arn, "CodeSize": layer.code.bytes} for layer in settings.layers]
    return {
        "Runtime": settings.runtime,
        "Role": settings.role,
        "Handler": settings.handler,
        "Description": settings.description,
        "Timeout": settings.timeout_seconds,
        "MemorySize": settings.memory_mb,
        "Architectures": list(settings.architectures),
        "PackageType": "Zip",
        **environment,
        **({"Layers": layers} if layers else {}),
        **settings.kept,
    }


def _state() -> dict[str, str]:
    """Everything is ready as soon as it is accepted."""
    return {"State": "Active", "LastUpdateStatus": "Successful"}
