"""A small signed client of the endpoint that serves a data folder: no boto3, whose import costs half a second.

    client = running(settings.data)                   # None: nobody serves this folder
    started = client.call("StartExecution", stateMachineArn=arn, input=text)
    for event in client.pages("GetExecutionHistory", "events", executionArn=started["executionArn"]): ...

One connection, kept alive, one request at a time; every call is made once more when the connection turns out to be
closed, and not otherwise. What the endpoint refuses is a `Refusal` with AWS's code and words.
"""

from __future__ import annotations

import hashlib
import http.client
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from stepsmith.local.endpoint import announcement, credentials
from stepsmith.local.endpoint.signature import Session
from stepsmith.signing import Asked, authorization, iso

from .errors import CommandError

LONGEST_SECONDS = 70.0  # a long poll has 60
REGION = "us-east-1"


@dataclass(frozen=True)
class Service:
    """A service that speaks JSON: its name in signatures, and what its targets begin with."""

    scope: str
    target: str


STATES = Service("states", "AWSStepFunctions")
DYNAMODB = Service("dynamodb", "DynamoDB_20120810")


class Refusal(CommandError):
    """The endpoint's answer to a request that it does not grant. `code` is AWS's (`ExecutionDoesNotExist`)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message or code)
        self.code = code


class Unreachable(CommandError):
    """The endpoint has gone, or does not answer."""

    def __init__(self, url: str, reason: object) -> None:
        super().__init__(f"The endpoint at {url} does not answer ({reason}): start it again with `stepsmith up`.")


def running(data: Path) -> Client | None:
    """A client of the endpoint that serves the folder now; None where there is none. Raises CredentialsBroken."""
    found = announcement.running(data)
    if found is None:
        return None
    try:
        return Client(found.url, credentials.read(data))
    except FileNotFoundError:
        return None


class Client:
    """Step Functions at `url`, as the owner of the folder."""

    def __init__(self, url: str, session: Session) -> None:
        self.url = url
        self._session = session
        parts = urlsplit(url)
        self._host = parts.netloc
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=LONGEST_SECONDS)

    def close(self) -> None:
        self._connection.close()

    def call(self, action: str, **given: Any) -> dict[str, Any]:
        """The output of an action of Step Functions; members that are None are not sent. Raises as `ask`."""
        return self.ask(STATES, action, {name: value for name, value in given.items() if value is not None})

    def ask(self, service: Service, action: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """The output of an action. Raises Refusal, Unreachable."""
        status, answered = self._request(service, action, orjson.dumps(given))
        if status == 200:
            return answered
        code = str(answered.get("__type", status)).rpartition("#")[2]
        raise Refusal(code, str(answered.get("message", answered.get("Message", ""))))

    def pages(self, action: str, members: str, **given: Any) -> Iterator[dict[str, Any]]:
        """Every member of a paged answer, page after page."""
        token = None
        while True:
            page = self.call(action, nextToken=token, **given)
            yield from page[members]
            token = page.get("nextToken")
            if token is None:
                return

    def _request(self, service: Service, action: str, body: bytes) -> tuple[int, dict[str, Any]]:
        try:
            return self._send(service, action, body)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):  # kept alive for too long
            self._connection.close()
        except (http.client.HTTPException, OSError) as error:
            raise Unreachable(self.url, error) from error
        try:
            return self._send(service, action, body)
        except (http.client.HTTPException, OSError) as error:
            raise Unreachable(self.url, error) from error

    def _send(self, service: Service, action: str, body: bytes) -> tuple[int, dict[str, Any]]:
        self._connection.request("POST", "/", body, self._headers(service, action, body))
        response = self._connection.getresponse()
        text = response.read()
        try:
            answered: dict[str, Any] = orjson.loads(text)
        except ValueError as error:
            raise Unreachable(self.url, f"HTTP {response.status}, no JSON") from error
        return response.status, answered

    def _headers(self, service: Service, action: str, body: bytes) -> dict[str, str]:
        target = f"{service.target}.{action}"
        signed = {"host": self._host, "x-amz-date": iso(time.time()), "x-amz-target": target}
        asked = Asked("POST", "/", "", signed)
        signature = authorization(self._session, REGION, service.scope, asked, hashlib.sha256(body).hexdigest())
        return {**signed, "authorization": signature, "content-type": "application/x-amz-json-1.0"}
