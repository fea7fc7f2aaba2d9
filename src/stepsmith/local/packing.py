"""JSON values as the few bytes that the database keeps.

Small documents of one kind repeat their keys, so zlib starts with a dictionary of the words that our contracts and
the answers of AWS use: a model's answer of 400 bytes becomes about 150. zlib's own checksum stays in: a damaged row is
an error, never another value. The dictionary is part of the database's format: a change of it is a new format.
"""

import json
import math
import zlib
from typing import Any

import orjson

# zlib finds what stands near the end most cheaply, so the most frequent shapes come last.
_DICTIONARY = (
    b'{"errorMessage":"","errorType":"","requestId":"","stackTrace":["  File \\"/var/task/'
    b"Lambda.SdkClientException Lambda.TooManyRequestsException Lambda.ServiceException Lambda.Unknown States.Timeout "
    b"States.TaskFailed Sandbox.Timedout Runtime.ExitError LlmThrottled LlmOverloaded retry_after= "
    b'{"status":"completed","output":"","stop_reason":"end_turn","turns":"status":"stopped","transcript":{"chunks":['
    b'"tail":[{"role":"user","content":[{"type":"text","text":"{"prompt":"","messages":[{"role":"user",'
    b'"limits":{"max_turns":25,"max_total_tokens":400000,"max_cost_usd":0.5,"deadline_seconds":86400},"metadata":{'
    b'"ExecutionArn":"arn:aws:states:us-east-1:000000000000:execution:stepsmith-local-"StateMachineArn":'
    b'"decision":"approve","input_hash":"","approver":"","decided_at":"20"reason":"'
    b'{"type":"image","uri":"s3://stepsmith-local-000000000000-us-east-1/artifacts//","media_type":"image/png",'
    b'"type":"file","media_type":"text/csv","title":"select from where group by order by limit count sum '
    b'{"columns":["name"],"rows":[[],"row_count":"truncated":false,"untrusted":true,"output_errors":'
    b'"model":"anthropic:claude-","model":"openai:gpt-","model":"scripted:","chunk":{"uri":"","through":'
    b'{"ExecutedVersion":"$LATEST","Payload":{"type":"tool_result","tool_use_id":"call_1_0","name":"","content":'
    b'[{"type":"text","text":""}],"is_error":true}],"is_error":false},'
    b'"SdkHttpMetadata":{"HttpStatusCode":200},"SdkResponseMetadata":{"RequestId":""},"StatusCode":200}'
    b'{"ExecutedVersion":"$LATEST","Payload":{"message":{"role":"assistant","content":[{"type":"text","text":""},'
    b'{"type":"tool_use","id":"toolu_01","name":"","input":{"":""}}]},"stop_reason":"end_turn","stop_reason":"tool_use",'
    b'"usage":{"input_tokens":100,"output_tokens":20,"cache_read_tokens":0,"cache_write_tokens":0},'
    b'"cost_usd":0.00,"cost_usd":null,"cost_usd":0,"provider":"anthropic","model":"","latency_ms":1},'
    b'"SdkHttpMetadata":{"HttpStatusCode":200},"SdkResponseMetadata":{"RequestId":""},"StatusCode":200}'
)


SMALL_BYTES = 16 * 1024  # above, zlib's fastest level: time counts more than the last tenth of the bytes


class Damaged(ValueError):
    """Bytes that `pack` never wrote."""


def pack(value: Any) -> bytes:
    """Any JSON value, in the fewest bytes that cost little time: 10 µs for an answer of a model, 10 ms for 200 KB."""
    return pack_text(encode(value))


def pack_text(text: bytes) -> bytes:
    """A JSON text as it was written."""
    squeezer = zlib.compressobj(level=9 if len(text) <= SMALL_BYTES else 1, zdict=_DICTIONARY)
    return squeezer.compress(text) + squeezer.flush()


def unpack(packed: bytes) -> Any:
    """The value that was packed; `Damaged` when the bytes are not what was written."""
    return decode(unpack_text(packed))


def unpack_text(packed: bytes) -> bytes:
    """The text that was packed. Raises as `unpack` does."""
    opener = zlib.decompressobj(zdict=_DICTIONARY)
    try:
        text = opener.decompress(packed) + opener.flush()
    except zlib.error as error:
        raise Damaged(f"a packed value cannot be read: {error}") from error
    if not opener.eof:
        raise Damaged("a packed value ends too early")
    return text


def encode(value: Any) -> bytes:
    """Compact JSON in UTF-8. What orjson refuses (lone surrogates, integers over 64 bits) json writes."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":")).encode()


def decode(text: bytes) -> Any:
    """The JSON value in `text`; ValueError when it is none."""
    try:
        return orjson.loads(text)
    except ValueError:  # lone surrogates, as some runtimes escape them
        return json.loads(text, parse_constant=_finite, parse_float=_finite)


def _finite(number: str) -> float:
    """NaN, Infinity and 1e999 are no JSON: encoded again they would be null."""
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"{number} is no number of JSON")
    return value


def recorded(value: Any) -> Any:
    """The value as a replay will read it. What was no JSON text before it came here has to pass through this: 10**30
    becomes a float, NaN null, a tuple a list. Raises TypeError, ValueError, RecursionError for what is no JSON."""
    return decode(encode(value))
