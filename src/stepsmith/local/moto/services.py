"""Which of moto's services are answered here: a row for each, found by the name that signatures have for it.

`reaches` are the services whose state a request can read or change besides its own: a message that is published to a
topic arrives in a queue. They are brought up to date before the request, and kept after it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from stepsmith.local import service_model


@dataclass(frozen=True, slots=True)
class Served:
    """One service. `name` is moto's and botocore's, `scope` that of signatures, `actions` the prefix that IAM has."""

    name: str
    model: str
    scope: str = ""
    actions: str = ""
    is_global: bool = False
    reaches: tuple[str, ...] = ()

    @property
    def signed_as(self) -> str:
        return self.scope or self.name

    @property
    def prefix(self) -> str:
        """`cloudwatch` of `cloudwatch:PutMetricData`."""
        return self.actions or self.name


_ROWS = (
    Served("cloudwatch", "2010-08-01", scope="monitoring"),
    Served("dynamodb", "2012-08-10"),
    Served("events", "2015-10-07", reaches=("logs", "sqs")),
    Served("iam", "2010-05-08", is_global=True),
    Served("kms", "2014-11-01"),
    Served("logs", "2014-03-28"),
    Served(
        "resourcegroupstaggingapi",
        "2017-01-26",
        scope="tagging",
        actions="tag",
        reaches=("cloudwatch", "dynamodb", "events", "iam", "kms", "logs", "secretsmanager", "sns", "sqs", "ssm"),
    ),
    Served("s3", "2006-03-01", is_global=True),
    Served("secretsmanager", "2017-10-17"),
    Served("sns", "2010-03-31", reaches=("sqs",)),
    Served("sqs", "2012-11-05"),
    Served("ssm", "2014-11-06"),
    Served("sts", "2011-06-15", is_global=True, reaches=("iam",)),
    Served("xray", "2016-04-12"),
)

SERVICES: Mapping[str, Served] = {row.name: row for row in _ROWS}
"""By moto's name."""

SCOPES: Mapping[str, Served] = {row.signed_as: row for row in _ROWS if row.name != "s3"}
"""By the name in a signature. S3's requests are ours; what it has for moto it calls in this process."""


@dataclass(frozen=True, slots=True)
class Model:
    """What requests are called: the operations, and the paths by which those of REST are known; and the protocols."""

    operations: frozenset[str]
    target: str
    paths: Mapping[tuple[str, str], str]
    protocols: tuple[str, ...]


@cache
def model(served: Served) -> Model:
    """The service's model, read from botocore's data; moto itself is not needed."""
    given: Any = service_model.read(f"{served.name}/{served.model}")
    paths = {(of["http"]["method"], of["http"]["requestUri"]): name for name, of in given["operations"].items()}
    said = given["metadata"]
    protocols = tuple(said.get("protocols", (said["protocol"],)))
    return Model(frozenset(given["operations"]), said.get("targetPrefix", ""), paths, protocols)
