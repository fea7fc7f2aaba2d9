"""What a call leaves in the log: a line of facts, a document of metrics. Neither holds a prompt, an answer or a key.

Metrics are CloudWatch's embedded metric format, one JSON document on standard output that CloudWatch Logs turns into
metrics (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
Names are OpenTelemetry's for generative AI (``gen_ai.*``). The format is written here because Powertools would add
50 ms to a cold start for the same document.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any, Final

from stepsmith.contracts import ModelAnswer, ModelRequest

NAMESPACE: Final = "Stepsmith"
_log = logging.getLogger("stepsmith.llm")
_log.setLevel(logging.INFO)

UNITS: Final = {
    "gen_ai.client.operation.duration": "Milliseconds",
    "gen_ai.usage.input_tokens": "Count",
    "gen_ai.usage.output_tokens": "Count",
    "gen_ai.usage.cache_read.input_tokens": "Count",
    "gen_ai.usage.cache_creation.input_tokens": "Count",
    "gen_ai.usage.cost": "None",
    "gen_ai.client.errors": "Count",
}


def answered(request: ModelRequest, answer: ModelAnswer) -> None:
    """Records a call that was answered."""
    usage = answer.usage
    numbers = {
        "gen_ai.client.operation.duration": float(answer.latency_ms),
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cache_read_tokens,
        "gen_ai.usage.cache_creation.input_tokens": usage.cache_write_tokens,
    }
    if answer.cost_usd is not None:
        numbers["gen_ai.usage.cost"] = answer.cost_usd
    _emit(_dimensions(request, answer.provider), numbers, {"stop_reason": answer.stop_reason} | _names(request))
    calls = len(answer.message.calls)
    _log.info(
        "turn %d of %s: %s, %d calls, %d ms", request.turn, request.agent, answer.stop_reason, calls, answer.latency_ms
    )


def failed(request: ModelRequest, provider: str, error: Exception) -> None:
    """Records a call that ended in `error`, by its class's name."""
    facts = {"error.type": type(error).__name__} | _names(request)
    _emit(_dimensions(request, provider), {"gen_ai.client.errors": 1}, facts)


def _dimensions(request: ModelRequest, provider: str) -> dict[str, str]:
    return {
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": request.model.partition(":")[2],
        "gen_ai.agent.name": request.agent,
    }


def _names(request: ModelRequest) -> dict[str, Any]:
    return {"run_id": request.run_id, "turn": request.turn}


def _emit(dimensions: dict[str, str], numbers: dict[str, float], facts: dict[str, Any]) -> None:
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": name, "Unit": UNITS[name]} for name in numbers],
    }
    document = {"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}}
    sys.stdout.write(json.dumps(document | dimensions | numbers | facts) + "\n")
    sys.stdout.flush()
