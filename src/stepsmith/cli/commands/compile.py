"""The very definition that runs on this machine; on AWS only the names of account, region and environment differ."""

from __future__ import annotations

import argparse

from stepsmith.agent import Deployment, compile, load

from ..errors import COMPLETED
from ..project import Project
from ..settings import read
from ..terminal import document

DEFAULT = Deployment()


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("agent", metavar="AGENT")
    parser.add_argument("--environment", metavar="NAME", default=DEFAULT.environment, help="(default: %(default)s)")
    parser.add_argument("--region", metavar="REGION", default=DEFAULT.region, help="(default: %(default)s)")
    parser.add_argument("--account", metavar="ID", default=DEFAULT.account, help="(default: %(default)s)")


def main(options: argparse.Namespace) -> int:
    project = Project(read(options.data).root)
    project.agent_folder(options.agent)
    deployment = Deployment(options.environment, options.region, options.account)
    document(compile(load(options.agent, project.root), deployment, callers=project.vendors))
    return COMPLETED
