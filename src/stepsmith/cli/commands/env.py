"""What a shell needs so that boto3, the AWS CLI, Terraform and any SDK use the endpoint of `stepsmith up`:

  eval "$(stepsmith env)"

It holds the endpoint's key: print it to a shell, not into a log.
"""

from __future__ import annotations

import argparse
import shlex

from ..errors import COMPLETED
from ..settings import read
from ..target import OVERRIDING, endpoint_variables
from ..terminal import document


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document in place of shell lines")


def main(options: argparse.Namespace) -> int:
    settings = read(options.data)
    data = f" --data {shlex.quote(options.data)}" if options.data else ""
    _, variables = endpoint_variables(settings.data, f"start it with `stepsmith up{data}`")
    if options.json:
        document(variables)
        return COMPLETED
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}")
    print(f"unset {' '.join(OVERRIDING)}")
    return COMPLETED
