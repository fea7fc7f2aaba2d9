"""The tool_result blocks that end every call: rebuilt from known fields, with the call's own id and name."""

from __future__ import annotations

from stepsmith.contracts import ResultBlock

from .conforms import conforms
from .expressions import CALL, RESULT_SHARE, State, fits, query, record

BLOCK_FIELDS = "{'type': $b.type, 'uri': $b.uri, 'media_type': $b.media_type, 'title': $b.title}"


def block(text: str) -> str:
    """A text block."""
    return record(type="'text'", text=text)


def tool_result(content: str, is_error: str, **more: str) -> str:
    """The result of the iteration's call; `content` is a fragment or several with commas between."""
    return record(
        type="'tool_result'",
        tool_use_id="$states.input.id",
        name="$states.input.name",
        content=f"[{content}]",
        is_error=is_error,
        **more,
    )


def unanswered(sentence: str) -> str:
    """One user message in which every call of the turn gets the same error result."""
    each = record(
        type="'tool_result'",
        tool_use_id="$c.id",
        name="$c.name",
        content=f"[{block(sentence)}]",
        is_error="true",
    )
    return record(role="'user'", content=f"[$map($calls, function($c) {{{each}}})]")


def says(comment: str, sentence: str, is_error: str = "true", **more: str) -> State:
    """A state that ends an iteration with a sentence of the machine's own."""
    return {"Type": "Succeed", "Comment": comment, "Output": query(tool_result(block(sentence), is_error, **more))}


APPROVAL = "$states.input.approval"
"""Who decided, where somebody did: undefined, and then left out of the result."""

EDIT_NOTICE = "$exists($states.input.input) ? " + block(
    "'The reviewer changed the input to ' & $string($states.input.input)"
)


def from_payload(untrusted: bool, reviewed: bool) -> str:
    """What a tool Lambda answered as a result: a wrong shape or too many bytes become an error the model can read.

    `untrusted`: the tool brings in the open world. `reviewed`: a person may have decided about the call.
    """
    notice = f"{EDIT_NOTICE}, " if reviewed else ""
    answer = f"$shaped and $fit ? $content : {block(_UNFIT)}"
    result = tool_result(
        notice + answer,
        "$not($shaped and $fit) or ($shaped ? $p.is_error = true : true)",
        cost_usd="$shaped ? ($type($p.cost_usd) = 'number' ? ($p.cost_usd >= 0 ? $p.cost_usd))",
        **({"approval": APPROVAL} if reviewed else {}),
        **({"untrusted": "true"} if untrusted else {}),
    )
    fit = fits("$string($content)", RESULT_SHARE if reviewed else "$max_result_bytes")
    return f"($p := $states.result.Payload; $shaped := {_SHAPED}; $content := {_CONTENT}; $fit := {fit}; {result})"


_BLOCKS = conforms(tuple[ResultBlock, ...], "$p.content")
_SHAPED = f"$type($p) = 'object' ? {_BLOCKS} : false"
_CONTENT = f"$shaped ? [$map($p.content, function($b) {{$b.type = 'text' ? {block('$b.text')} : {BLOCK_FIELDS}}})] : []"
_UNFIT = "$shaped ? 'The answer is too large; ask for less of it.' : 'The tool answered in a wrong shape.'"


def ending_states(names: set[str]) -> dict[str, State]:
    """The states that end an iteration without a tool's answer; only those which some state leads to."""
    return {name: state for name, state in _ENDINGS.items() if name in names}


_FAILURE = (
    "$states.input.error = 'States.Timeout' ? ' did not answer in time.' : "
    "$states.input.error = 'States.DataLimitExceeded' ? ' answered more than fits; ask for less.' : "
    "' failed (' & $states.input.error & ').'"
)
_DENIAL = (
    f"({APPROVAL}.decision = 'answer' ? $states.input.said : "
    f"{APPROVAL}.decision = 'reject' ? 'Rejected by ' & {APPROVAL}.approver & ': ' & $states.input.said : "
    f"{APPROVAL}.decision = 'expired' ? 'Nobody decided in time: denied.' : "
    f"{APPROVAL}.decision = 'failed' ? 'Nobody could be asked: denied.' : "
    f"{APPROVAL}.decision = 'unclear' ? 'A number has more digits than a person is shown; write it as text: denied.' : "
    "'The decision does not fit this call: denied.')"
)
_OUTCOME = (
    "($states.input.error = 'Lambda.TooManyRequestsException' ? ' It did not start.' : "
    "' What it has done is unknown: look before you repeat it.')"
)

_ENDINGS: dict[str, State] = {
    "Unknown tool": says(
        "The model named a tool that this agent does not have.",
        "'There is no tool named ' & $states.input.name & '.'",
    ),
    "Refused call": says("What the caller said of the call is the result.", f"$string({CALL}.error)"),
    "No prompt": says(
        "A sub-agent takes a prompt and nothing else.",
        '$states.input.name & \' takes {"prompt": "the whole task"}: a text that is not empty.\'',
    ),
    "Not approved": says(
        "Rejected, answered by the reviewer, expired, or a decision about something else.",
        _DENIAL,
        f"$not({APPROVAL}.decision = 'answer')",
        approval=APPROVAL,
    ),
    "Failed": says(
        "The cause stays in history and logs; the model learns what it can act on.",
        f"$states.input.name & ({_FAILURE})",
        approval=APPROVAL,
        run_id="$states.input.run_id",
    ),
    "Outcome unknown": says(
        "For calls that may not be repeated: only one error proves that nothing happened.",
        f"$states.input.name & ({_FAILURE}) & {_OUTCOME}",
        approval=APPROVAL,
        run_id="$states.input.run_id",
    ),
}
