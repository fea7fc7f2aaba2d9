"""An endpoint with moto behind it, and boto3 clients of it in a thread, as any client is."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import boto3
import pytest_asyncio
from botocore.config import Config

from stepsmith.local.endpoint.server import Endpoint, wall_ms
from stepsmith.local.moto import Moto
from stepsmith.local.roles import OWNER, Principal, Roles

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
        ],
    }
)
ALLOW = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}],
    }
)
KEY = {
    "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


class Cloud:
    """A data folder's endpoint. `client(name)` is the owner's, or that of another principal."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.endpoint = Endpoint(wall_ms)
        self.moto = Moto(data, self.endpoint.url.removeprefix("http://"))
        roles = Roles(self.moto.policies)
        self.moto.assume = lambda role, name: self.endpoint.issue(roles.of(role, name))
        self.endpoint.fall_back_to(self.moto)

    def client(self, service: str, principal: Principal = OWNER, **more: Any) -> Any:
        key = self.endpoint.issue(principal)
        return self.with_key(service, key.access_key, key.secret, key.token, **more)

    def with_key(
        self,
        service: str,
        id: str,
        secret: str,
        token: str,
        region: str = "us-east-1",
        session: boto3.Session | None = None,
    ) -> Any:
        return (session or boto3).client(
            service,
            region_name=region,
            endpoint_url=self.endpoint.url,
            aws_access_key_id=id,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=Config(retries={"total_max_attempts": 1}),
        )


@pytest_asyncio.fixture
async def open_cloud(tmp_path: Path) -> AsyncIterator[Callable[[], Any]]:
    opened: list[Cloud] = []

    async def open_one() -> Cloud:
        made = Cloud(tmp_path)
        await made.endpoint.__aenter__()
        opened.append(made)
        return made

    yield open_one
    for each in opened:
        await each.endpoint.__aexit__(None, None, None)
        await each.moto.close()


@pytest_asyncio.fixture
async def cloud(open_cloud: Callable[[], Any]) -> Cloud:
    made: Cloud = await open_cloud()
    return made


async def of(call: Callable[..., Any], **parameters: Any) -> Any:
    """A blocking call of boto3, while the endpoint of the same process answers."""
    return await asyncio.to_thread(call, **parameters)
