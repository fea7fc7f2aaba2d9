"""What the tests of the API share: an `Api` over a runtime with a clock that stands still, and a call.

async def test_an_activity_that_is_not_there_is_named(api: Api) -> None:
    with refused("ActivityDoesNotExist"):
        await call(api, "DescribeActivity", activityArn=activity_arn("none"))
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
import pytest_asyncio

from stepsmith.local import VirtualClock
from stepsmith.local.conftest import OpenRuntime
from stepsmith.local.stepfunctions import Api, ApiError, answer
from stepsmith.local.stepfunctions.shapes import TARGET

ROLE = "arn:aws:iam::000000000000:role/test"


@pytest_asyncio.fixture
async def api(open_runtime: OpenRuntime, clock: VirtualClock) -> Api:
    runtime = await open_runtime()
    return Api(runtime, runtime.catalog, clock.now_ms)


async def call(api: Api, action: str, /, **given: Any) -> dict[str, Any]:
    """One request through validation, action and serialization. Raises ApiError as the client sees it."""
    status, body = await answer(api, f"{TARGET}.{action}", orjson.dumps(given))
    answered: dict[str, Any] = orjson.loads(body)
    if status != 200:
        raise ApiError(answered.pop("__type"), answered.pop("message"), status, **answered)
    return answered


@contextmanager
def refused(code: str, words: str = "") -> Iterator[pytest.ExceptionInfo[ApiError]]:
    """The call inside is refused with this code, and a message that holds these words."""
    with pytest.raises(ApiError) as raised:
        yield raised
    assert raised.value.code == code, raised.value.message
    assert words in raised.value.message
