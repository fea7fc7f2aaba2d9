"""AWS's own policies (`arn:aws:iam::aws:policy/...`): the one that a request names joins IAM when it is named.

moto has them all, 4.7 MB of them, and would keep them in memory from its start or not know them.
"""

import json
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from stepsmith.local.moto.request import Request

PREFIX = "arn:aws:iam::aws:policy/"


def know(request: Request, backend: Any) -> None:
    """Has IAM (`backend`) know the policy that the request names, if it is one of AWS's."""
    arn = parse_qs(request.body.decode("utf-8", "replace")).get("PolicyArn", [""])[0]
    name = arn.rpartition("/")[2]
    if not arn.startswith(PREFIX) or arn in backend.managed_policies or name not in _all():
        return
    from moto.iam.models import AWSManagedPolicy

    policy = AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, _all()[name])
    if policy.arn == arn:
        backend.managed_policies[arn] = policy


@cache
def _all() -> Any:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    return json.loads(aws_managed_policies_data)
