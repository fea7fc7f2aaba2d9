"""What a shell needs so that boto3, the AWS CLI, Terraform and any SDK use the endpoint of `stepsmith up`:

  eval "$(stepsmith env)"

It holds the endpoint's key: print it to a shell, not into a log.
"""

from __future__ import annotations

import argparse
import shlex

from ..client import REGION
from ..errors import COMPLETED, CommandError
from ..settings import read
from ..terminal import document

UNSET = (
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ENDPOINT_URL_SFN",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_LAMBDA",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
)
"""What would win over the variables above, or be sent beside them."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document in place of shell lines")


def main(options: argparse.Namespace) -> int:
    from stepsmith.local.endpoint import announcement, credentials

    settings = read(options.data)
    found = announcement.running(settings.data)
    if found is None:
        data = f" --data {shlex.quote(options.data)}" if options.data else ""
        raise CommandError(f"No endpoint serves {str(settings.data)!r}: start it with `stepsmith up{data}`.")
    session = credentials.read(settings.data)
    variables = {
        "AWS_ENDPOINT_URL": found.url,
        "AWS_ACCESS_KEY_ID": session.access_key,
        "AWS_SECRET_ACCESS_KEY": session.secret,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
    }
    if options.json:
        document(variables)
        return COMPLETED
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}")
    print(f"unset {' '.join(UNSET)}")
    return COMPLETED
