"""Logging, tracing and encryption: defaults, what is kept, what is refused."""

from typing import Any

import pytest

from stepsmith.local.catalog import Encryption, Logging, Tracing
from stepsmith.local.catalog.errors import (
    InvalidEncryptionConfiguration,
    InvalidLoggingConfiguration,
    InvalidTracingConfiguration,
)

GROUP = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/vendedlogs/states/a:*"
DESTINATIONS = [{"cloudWatchLogsLogGroup": {"logGroupArn": GROUP}}]
KEY = "CUSTOMER_MANAGED_KMS_KEY"


def test_nothing_given_is_answered_with_the_defaults_of_aws() -> None:
    assert Logging.read(None).answer() == {"level": "OFF", "includeExecutionData": False}
    assert Tracing.read(None).answer() == {"enabled": False}
    assert Encryption.read(None).answer() == {"type": "AWS_OWNED_KEY"}


@pytest.mark.parametrize(
    "given",
    [
        {"level": "ALL", "includeExecutionData": True, "destinations": DESTINATIONS},
        {"level": "OFF", "includeExecutionData": False, "destinations": DESTINATIONS},
    ],
)
def test_logging_is_answered_as_it_was_given(given: dict[str, Any]) -> None:
    assert Logging.read(given).answer() == given


@pytest.mark.parametrize(
    "given",
    [
        {"level": "ERROR"},
        {"level": "ALL", "destinations": []},
        {"level": "ALL", "destinations": DESTINATIONS * 2},
        {"level": "ALL", "destinations": [{}]},
        {"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": GROUP.removesuffix(":*")}}]},
    ],
)
def test_logging_needs_exactly_one_log_group(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidLoggingConfiguration):
        Logging.read(given)


def test_tracing_must_say_whether_it_is_enabled() -> None:
    with pytest.raises(InvalidTracingConfiguration):
        Tracing.read({})


def test_a_customers_key_is_answered_with_the_default_period() -> None:
    given = {"type": KEY, "kmsKeyId": "alias/mine"}
    assert Encryption.read(given).answer() == {**given, "kmsDataKeyReusePeriodSeconds": 300}


@pytest.mark.parametrize(
    "given",
    [
        {"type": KEY},
        {"type": "AWS_OWNED_KEY", "kmsKeyId": "alias/mine"},
        {"type": "AWS_OWNED_KEY", "kmsDataKeyReusePeriodSeconds": 60},
    ],
)
def test_a_key_goes_with_its_own_type_only(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidEncryptionConfiguration):
        Encryption.read(given)
