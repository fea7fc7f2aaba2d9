"""Which Resources AWS knows: a definition that names another one is refused when it is created.

`arn:aws:states:::` is followed by an optimised integration ("Integrating optimized services with Step Functions") or by
`aws-sdk:service:action`. Services and actions of the latter are those of botocore's models; the service is named as in
AWS's SDK for Java ("Supported AWS SDK service integrations": `sfn`, `cloudwatchlogs`), which is its service id without
blanks and hyphens. What AWS knows and this machine does not serve is accepted, and fails when the task runs.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from stepsmith.asl import Diagnostic, StateMachine
from stepsmith.asl.document import Task

_JOBS = "(.sync)?"
_TOKEN = "(.waitForTaskToken)?"
_OPTIMISED = {
    "apigateway": {"invoke": _TOKEN},
    "athena": {"startQueryExecution": _JOBS, "stopQueryExecution|getQueryExecution|getQueryResults": ""},
    "batch": {"submitJob": _JOBS},
    "bedrock": {"invokeModel": _TOKEN, "createModelCustomizationJob": _JOBS},
    "codebuild": {
        "(start|retry)Build(Batch)?": _JOBS,
        "stopBuild(Batch)?|batchDeleteBuilds|batchGetReports|deleteBuildBatch": "",
    },
    "databrew": {"startJobRun": _JOBS},
    "dynamodb": {"(get|put|update|delete)Item": ""},
    "ecs": {"runTask": "(.sync|.waitForTaskToken)?"},
    "eks": {"(create|delete)(Cluster|FargateProfile|Nodegroup)|runJob": _JOBS, "call": ""},
    "elasticmapreduce": {
        "createCluster|terminateCluster|addStep": _JOBS,
        "cancelStep|setClusterTerminationProtection|modifyInstance(Fleet|Group)ByName": "",
    },
    "emr-containers": {"createVirtualCluster": "", "deleteVirtualCluster|startJobRun": _JOBS},
    "emr-serverless": {"(create|start|stop|delete)Application|startJobRun": _JOBS, "cancelJobRun": _JOBS},
    "events": {"putEvents": _TOKEN},
    "glue": {"startJobRun": _JOBS},
    "http": {"invoke": ""},
    "lambda": {"invoke": _TOKEN},
    "mediaconvert": {"createJob": _JOBS},
    "sagemaker": {
        "create(LabelingJob|ProcessingJob|TrainingJob|TransformJob|HyperParameterTuningJob)": _JOBS,
        "create(Endpoint|EndpointConfig|Model)|updateEndpoint": "",
    },
    "sns": {"publish": _TOKEN},
    "sqs": {"sendMessage": _TOKEN},
    "states": {"startExecution": "(.sync(:2)?|.waitForTaskToken)?"},
}
"""By service: the actions, and the patterns in which they may be called."""
_LAMBDA_OR_ACTIVITY = re.compile(r"arn:aws[a-z-]*:(lambda:[a-z0-9-]+:\d+:function|states:[a-z0-9-]+:\d+:activity):.+")


def unrecognized(machine: StateMachine) -> Iterator[Diagnostic]:
    """The Resources that AWS would not recognise."""
    for path, _, state in machine.states():
        if isinstance(state, Task) and not is_recognized(state.resource):
            message = (
                f"The resource provided {state.resource} is not recognized. The value is not a valid resource ARN, or"
                " the resource is not available in this region."
            )
            yield Diagnostic(f"{path}/Resource", message, "See 'Integrating services' in AWS's guide.")


def is_recognized(resource: str) -> bool:
    """Whether AWS has a function's or an activity's ARN, an optimised integration or an API's action of this name."""
    _, is_integration, called = resource.partition(":states:::")
    if not is_integration:
        return _LAMBDA_OR_ACTIVITY.fullmatch(resource) is not None
    service, _, action = called.partition(":")
    if service == "aws-sdk":
        return client_of(*action.removesuffix(".waitForTaskToken").partition(":")[::2]) is not None
    actions = _OPTIMISED.get(service, {})
    return any(re.fullmatch(f"({names}){ways}".replace(".", r"\."), action) for names, ways in actions.items())


def client_of(service: str, action: str) -> str | None:
    """botocore's name of the service that Step Functions calls `sfn`, if a state may call this action of it."""
    client = _clients().get(service)
    return client if client is not None and action in _actions(client) else None


@cache
def _clients() -> dict[str, str]:
    """botocore's names of services, by those of the SDK for Java."""
    from botocore.loaders import create_loader  # 60 ms that most processes never need
    from botocore.utils import CLIENT_NAME_TO_HYPHENIZED_SERVICE_ID_OVERRIDES

    names = create_loader().list_available_services("service-2")
    return {CLIENT_NAME_TO_HYPHENIZED_SERVICE_ID_OVERRIDES.get(each, each).replace("-", ""): each for each in names}


@cache
def _actions(client: str) -> frozenset[str]:
    """The actions of a service, as Step Functions writes them: putItem. Those that stream events are none of a state's
    ("not suitable for use in a workflow")."""
    from botocore.loaders import create_loader

    model = create_loader().load_service_model(client, "service-2")
    called = (name for name, of in model["operations"].items() if not _streams(model["shapes"], of))
    return frozenset(name[0].lower() + name[1:] for name in called)


def _streams(shapes: Mapping[str, Any], operation: Mapping[str, Any]) -> bool:
    sides = (shapes[operation[side]["shape"]] for side in ("input", "output") if side in operation)
    members = (shapes[member["shape"]] for side in sides for member in side.get("members", {}).values())
    return any(member.get("eventstream") for member in members)
