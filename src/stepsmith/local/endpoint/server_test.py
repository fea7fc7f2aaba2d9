"""The checks of the endpoint, each by a request that must not pass it, over real sockets."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from stepsmith.local.endpoint.conftest import OWNER, Echo, Signer, Time
from stepsmith.local.endpoint.seen import Seen
from stepsmith.local.endpoint.server import Bounds, Endpoint
from stepsmith.local.roles import Role

pytestmark = pytest.mark.asyncio

QUARTER = 15 * 60


async def test_a_request_signed_by_the_owner_is_answered_with_an_id(signer: Signer) -> None:
    status, answered, headers = await signer.post(b'{"a": 1}')
    assert (status, answered) == (200, {"a": 1})
    assert len(headers["x-amzn-RequestId"]) == 36


@pytest.mark.parametrize(
    ("bent", "code"),
    [
        ({"authorization": ""}, "MissingAuthenticationTokenException"),
        ({"authorization": "AWS4-HMAC-SHA256 Credential=a/b"}, "IncompleteSignatureException"),
        ({"authorization": "Bearer x"}, "IncompleteSignatureException"),
        ({"x_amz_date": "yesterday"}, "InvalidSignatureException"),
        ({"x_amz_user": "not signed"}, "InvalidSignatureException"),
        ({"sent": b'{"b": 2}'}, "InvalidSignatureException"),
        ({"x_amz_target": "another"}, "InvalidSignatureException"),
        ({"x_amz_security_token": "another's"}, "InvalidSignatureException"),
    ],
)
async def test_a_request_that_is_not_as_signed_is_refused_by_its_own_code(
    signer: Signer, bent: dict[str, Any], code: str
) -> None:
    status, answered, headers = await signer.post(**bent)
    assert (status, answered["__type"]) == (400, code), answered
    assert headers["x-amzn-RequestId"]


async def test_a_key_that_is_none_is_unrecognized_and_another_secret_does_not_match(signer: Signer) -> None:
    signer.session = replace(OWNER, access_key="AKIANOBODY")
    assert (await signer.post())[1] == {
        "__type": "UnrecognizedClientException",
        "message": "The security token included in the request is invalid.",
    }
    signer.session = replace(OWNER, secret="guessed")
    answered = (await signer.post())[1]
    assert answered["__type"] == "InvalidSignatureException"
    assert answered["message"].startswith("The request signature we calculated does not match the signature you")


async def test_a_functions_key_needs_its_token(signer: Signer, endpoint: Endpoint) -> None:
    made = endpoint.session(Role())
    role = Role()
    signer.session = replace(
        OWNER, access_key=made["AWS_ACCESS_KEY_ID"], secret=made["AWS_SECRET_ACCESS_KEY"], role=role
    )
    assert (await signer.post())[1]["__type"] == "UnrecognizedClientException"
    signer.session = replace(signer.session, token=made["AWS_SESSION_TOKEN"])
    assert (await signer.post())[0] == 200


@pytest.mark.parametrize(
    ("later", "words"), [(QUARTER + 5, "Signature expired: "), (-QUARTER - 5, "Signature not yet current: ")]
)
async def test_a_signature_is_good_for_a_quarter_of_an_hour(
    signer: Signer, moment: Time, later: int, words: str
) -> None:
    moment.later_ms = (QUARTER - 5) * 1000 if later > 0 else (5 - QUARTER) * 1000
    assert (await signer.post())[0] == 200
    moment.later_ms = later * 1000
    _, answered, _ = await signer.post()
    assert answered["message"].startswith(words) and "15 min.)" in answered["message"]


async def test_a_service_that_is_not_there_is_named_with_those_that_are(signer: Signer) -> None:
    signer.service = "sqs"
    status, answered, _ = await signer.post()
    assert status == 501
    assert answered["message"] == "The service 'sqs' is not part of this endpoint yet; there are: echo."


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 400),
        ("LOCALHOST:80", 400),
        ("states.us-east-1.localhost:4599", 400),
        ("sync-localhost", 400),
        ("sync-127.0.0.1:1", 400),
        ("[::1]:1", 400),
        ("evil.example", 403),
        ("localhost.evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("evillocalhost", 403),
        ("", 403),
    ],
)
async def test_only_loopback_names_pass_the_door(signer: Signer, host: str, status: int) -> None:
    """400: the door was passed, and the signature, made for another Host, does not fit."""
    assert (await signer.post(host=host))[0] == status


async def test_a_configured_name_passes_too(moment: Time, echo: Echo) -> None:
    async with Endpoint(moment.now_ms, allowed_hosts=["Laptop.Home"]) as endpoint, aiohttp.ClientSession() as http:
        answer = await http.get(f"{endpoint.url}/_stepsmith/health", headers={"Host": "laptop.home:4599"})
        assert answer.status == 200


async def test_a_web_page_is_refused_even_with_a_good_signature(signer: Signer) -> None:
    status, answered, _ = await signer.post(origin="http://localhost")
    assert (status, answered["__type"]) == (403, "AccessDeniedException")


async def test_health_needs_no_signature_but_the_right_host(endpoint: Endpoint) -> None:
    async with aiohttp.ClientSession() as http:
        health = await (await http.get(f"{endpoint.url}/_stepsmith/health")).json()
        assert health["executions"] == 3 and {"version", "pid", "uptime_seconds"} <= set(health)
        for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
            assert (await http.get(f"{endpoint.url}/_stepsmith/health", headers=headers)).status == 403


async def test_a_body_over_the_bound_is_refused_by_its_length_before_it_comes(endpoint: Endpoint) -> None:
    signer = Signer(endpoint)
    async with signer.http:
        head = "".join(f"{name}: {value}\r\n" for name, value in signer.headers().items())
        reader, writer = await _connect(endpoint)
        writer.write(f"POST / HTTP/1.1\r\n{head}Content-Length: 1001\r\n\r\n".encode())
        answered = await reader.read()  # to its end: the connection is closed
        assert answered.startswith(b"HTTP/1.1 413") and b"RequestEntityTooLargeException" in answered
        writer.close()


async def test_a_body_over_the_bound_is_refused_while_it_comes(signer: Signer) -> None:
    async def endless() -> Any:
        for _ in range(100):
            yield b"x" * 500

    async with signer.http.post(f"{signer.endpoint.url}/", data=endless(), headers=signer.headers()) as got:
        assert got.status == 413


async def test_a_stranger_is_refused_before_its_body_is_waited_for(signer: Signer) -> None:
    signer.session = replace(OWNER, access_key="AKIANOBODY")
    head = "".join(f"{name}: {value}\r\n" for name, value in signer.headers().items())
    reader, writer = await _connect(signer.endpoint)
    writer.write(f"POST / HTTP/1.1\r\n{head}Content-Length: 900\r\n\r\n".encode())
    assert b"UnrecognizedClientException" in await reader.readuntil(b"}")
    writer.close()


async def test_what_a_client_waited_for_is_given_up_when_it_vanishes(signer: Signer, echo: Echo) -> None:
    asked = asyncio.create_task(signer.post(target="wait"))
    await echo.waiting.wait()
    asked.cancel()
    await echo.given_up.wait()


async def test_a_defect_is_an_answer_and_is_told_on_the_terminal(
    signer: Signer, caplog: pytest.LogCaptureFixture
) -> None:
    status, answered, _ = await signer.post(target="break")
    assert (status, answered["__type"]) == (500, "InternalFailure")
    assert "a defect" in caplog.text


async def test_a_request_is_seen_once_by_name(moment: Time, echo: Echo) -> None:
    seen: list[Seen] = []
    made = Endpoint(moment.now_ms, seen=seen.append)
    made.mount(echo)
    made.add(OWNER)
    async with made:
        signer = Signer(made)
        async with signer.http:
            await signer.post(target="Action")
            await signer.http.get(f"{made.url}/_stepsmith/health")
    (one,) = seen
    assert (one.service, one.action, one.status) == ("echo", "Action", 200) and one.ms > 0


async def test_a_thousand_connections_at_once_are_all_answered(endpoint: Endpoint) -> None:
    signer = Signer(endpoint)
    async with signer.http:
        body = json.dumps({"n": 1}).encode()
        head = "".join(f"{name}: {value}\r\n" for name, value in signer.headers(body).items())
        request = f"POST / HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        connected = [await _connect(endpoint) for _ in range(1000)]
        for _, writer in connected:
            writer.write(request)
        answers = await asyncio.gather(*(reader.readuntil(b"\r\n") for reader, _ in connected))
        assert set(answers) == {b"HTTP/1.1 200 OK\r\n"}
        for _, writer in connected:
            writer.close()


async def test_who_comes_when_all_places_are_taken_is_told_so_at_once(
    moment: Time,
) -> None:
    made = Endpoint(moment.now_ms, bounds=Bounds(connections=3))
    async with made:
        held = [await _connect(made) for _ in range(3)]
        await asyncio.sleep(0)
        reader, _ = await _connect(made)
        assert (await reader.read()).startswith(b"HTTP/1.1 503 ")
        for _, writer in held:
            writer.close()
        async with aiohttp.ClientSession() as http:
            for _ in range(50):  # until the closed ones are noticed
                if (await http.get(f"{made.url}/_stepsmith/health")).status == 200:
                    return
        raise AssertionError("the places were never free again")


@pytest.mark.parametrize("sent", [b"", b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Slow"])
async def test_a_connection_without_a_whole_head_is_closed(moment: Time, sent: bytes) -> None:
    async with Endpoint(moment.now_ms, bounds=Bounds(idle_seconds=0.1)) as endpoint:
        reader, writer = await _connect(endpoint)
        writer.write(sent)
        assert await reader.read() == b""
        writer.close()


async def test_a_body_that_does_not_come_is_not_waited_for(moment: Time, echo: Echo) -> None:
    made = Endpoint(moment.now_ms, bounds=Bounds(body_seconds=0.1))
    made.mount(echo)
    made.add(OWNER)
    async with made:
        signer = Signer(made)
        await signer.http.close()
        head = "".join(f"{name}: {value}\r\n" for name, value in signer.headers().items())
        reader, writer = await _connect(made)
        writer.write(f"POST / HTTP/1.1\r\n{head}Content-Length: 900\r\n\r\n{{".encode())
        answered = await reader.read()
        assert answered.startswith(b"HTTP/1.1 408 ") and b"did not arrive within 0.1 seconds" in answered
        writer.close()


async def test_requests_in_flight_end_before_the_endpoint_does(moment: Time) -> None:
    class Slow(Echo):
        async def answer(self, call: Any) -> Any:
            self.waiting.set()
            await asyncio.sleep(0.05)
            return await super().answer(call)

    slow = Slow()
    made = Endpoint(moment.now_ms)
    made.mount(slow)
    made.add(OWNER)
    async with made:
        signer = Signer(made)
        asked = asyncio.create_task(signer.post())
        await slow.waiting.wait()
    assert (await asked)[0] == 200
    await signer.http.close()


async def _connect(endpoint: Endpoint) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = endpoint.url.removeprefix("http://").split(":")
    return await asyncio.open_connection(host, int(port))
