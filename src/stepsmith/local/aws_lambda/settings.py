"""What CreateFunction and UpdateFunctionConfiguration say of a function, checked beyond the service model, and kept."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from stepsmith import lambdas
from stepsmith.local.functions.errors import invalid
from stepsmith.local.functions.values import Layer, Settings

from .api import Api

LONGEST_ENVIRONMENT = 4096  # bytes of JSON: "Lambda quotas"
MOST_LAYERS = 5
_RESERVED = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
    }
)
_DEFAULTS: Mapping[str, Any] = {"TracingConfig": {"Mode": "PassThrough"}, "EphemeralStorage": {"Size": 512}}
_KEPT = (*_DEFAULTS, "VpcConfig", "DeadLetterConfig", "KMSKeyArn", "FileSystemConfigs", "SnapStart", "LoggingConfig")
_NOT_HERE = ("ImageConfig", "CapacityProviderConfig", "DurableConfig", "TenancyConfig", "AcceleratorConfig")


def first(api: Api, given: Mapping[str, Any]) -> Settings:
    """The settings of a new function. Raises LambdaError."""
    for member in ("Runtime", "Handler"):
        if member not in given:
            raise invalid(
                "Runtime and Handler are mandatory parameters for functions created with deployment packages."
            )
    name = given["FunctionName"].rpartition(":")[2]
    kept = {**_DEFAULTS, "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"}, "SnapStart": _SNAP}
    settings = Settings(given["Role"], given["Runtime"], given["Handler"], kept=kept)
    architectures = tuple(given.get("Architectures", settings.architectures))
    return changed(api, replace(settings, architectures=architectures), given)


def changed(api: Api, settings: Settings, given: Mapping[str, Any]) -> Settings:
    """The settings with what the request says. Raises LambdaError."""
    _check_here(given)
    return Settings(
        role=given.get("Role", settings.role),
        runtime=_runtime(given.get("Runtime", settings.runtime)),
        handler=given.get("Handler", settings.handler),
        description=given.get("Description", settings.description),
        timeout_seconds=given.get("Timeout", settings.timeout_seconds),
        memory_mb=given.get("MemorySize", settings.memory_mb),
        environment=_environment(given["Environment"]) if "Environment" in given else settings.environment,
        layers=_layers(api, given["Layers"]) if "Layers" in given else settings.layers,
        architectures=settings.architectures,
        kept={**settings.kept, **{name: _shown(name, given[name], settings) for name in _KEPT if name in given}},
    )


_SNAP = {"ApplyOn": "None", "OptimizationStatus": "Off"}


def _check_here(given: Mapping[str, Any]) -> None:
    if given.get("PackageType", "Zip") != "Zip":
        raise invalid("Container images are not run here: create the function with PackageType 'Zip'.")
    if named := [name for name in _NOT_HERE if given.get(name)]:
        raise invalid(f"{named[0]} is not part of this endpoint: leave it out.")


def _runtime(runtime: str) -> str:
    """A runtime that this machine runs."""
    if runtime not in lambdas.RUNTIMES:
        known = ", ".join(sorted(lambdas.RUNTIMES))
        said = f"Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set:"
        raise invalid(f"{said} [{known}] or be a valid ARN")
    return runtime


def _environment(given: Mapping[str, Any]) -> Mapping[str, str]:
    variables: Mapping[str, str] = given.get("Variables", {})
    reserved = ", ".join(sorted(_RESERVED & variables.keys()))
    if reserved:
        said = "Lambda was unable to configure your environment variables because the environment variables you have "
        said += "provided contains reserved keys that are currently not supported for modification. Reserved keys used "
        raise invalid(f"{said}in this request: {reserved}")
    if sum(len(name.encode()) + len(value.encode()) for name, value in variables.items()) > LONGEST_ENVIRONMENT:
        said = "Lambda was unable to configure your environment variables because the environment variables you have "
        raise invalid(f"{said}provided exceeded the 4KB limit.")
    return variables


def _layers(api: Api, arns: list[str]) -> tuple[Layer, ...]:
    if len(arns) > MOST_LAYERS:
        raise invalid(f"Cannot reference more than {MOST_LAYERS} layers.")
    layers = {arn.rpartition(":")[0] for arn in arns}
    if len(layers) < len(arns):
        said = "Two different versions of the same layer are not allowed to be referenced in the same function."
        raise invalid(f"{said} Given: {', '.join(arns)}")
    return tuple(_layer(api, arn) for arn in arns)


def _layer(api: Api, arn: str) -> Layer:
    name, _, number = arn.rpartition(":")
    found = api.tables.layer_version(name.rpartition(":")[2], int(number)) if number.isdigit() else None
    if found is None:
        raise invalid(f"Layer version {arn} does not exist.")
    return Layer(arn, found.code)


def _shown(name: str, value: Any, settings: Settings) -> Any:
    """A member that is kept, as answers show it."""
    match name:
        case "SnapStart":
            return {**_SNAP, **value}
        case "LoggingConfig":
            return {**settings.kept["LoggingConfig"], **value}
        case _:
            return value
