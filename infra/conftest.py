"""A small repository (testdata/repository) as Terraform, made once for all tests; and this repository."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.contents import Contents
from infra.errors import InfraError
from infra.site import Placement, Site, deployment

ROOT = Path(__file__).resolve().parents[1]
REPOSITORY = Path(__file__).parent / "testdata" / "repository"
VPC = Placement(("subnet-0a", "subnet-0b"), ("sg-0c",))
AWS = Site(deployment("dev", "eu-west-1", "123456789012"), artifacts="../../..", vpc=VPC)

Files = Mapping[str, str]
Json = dict[str, Any]
Synthesise = Callable[..., Files]


@pytest.fixture(scope="session")
def synthesise() -> Synthesise:
    """The files of a repository's root; keywords change the site. cdktf is loaded where a test first needs it."""
    try:
        from infra.synthesis import synthesise
    except InfraError as missing:  # node, or another environment than build-support/infra's
        pytest.skip(str(missing))

    def files(root: Path = REPOSITORY, **changes: Any) -> Files:
        return synthesise(replace(AWS, **changes), Contents(root))

    return files


@pytest.fixture(scope="session")
def files(synthesise: Synthesise) -> Files:
    return synthesise()


@pytest.fixture(scope="session")
def terraform(files: Files) -> Json:
    """What Terraform is given for the small repository."""
    return dict(json.loads(files["cdk.tf.json"]))


@pytest.fixture(scope="session")
def ours(synthesise: Synthesise) -> Json:
    """What Terraform is given for this repository."""
    return dict(json.loads(synthesise(ROOT)["cdk.tf.json"]))


def resources(terraform: Json, kind: str) -> Json:
    """The resources of one kind, by the path of their construct: ``tools/ledger/role``."""
    found = terraform["resource"].get(kind, {}).values()
    return {each["//"]["metadata"]["path"].removeprefix("stepsmith/"): each for each in found}


def policies(terraform: Json) -> dict[str, list[Json]]:
    """The statements of every IAM document, by the path of its construct."""
    fields = (
        ("aws_iam_role", "assume_role_policy"),
        ("aws_iam_role_policy", "policy"),
        ("aws_s3_bucket_policy", "policy"),
        ("aws_vpc_endpoint", "policy"),
    )
    return {
        path: json.loads(each[field])["Statement"]
        for kind, field in fields
        for path, each in resources(terraform, kind).items()
    }
