"""Another agent as a tool: a nested execution, named by its effect_id, so that it starts once.

It gets what is left of the run's limits, divided by the calls of the turn (in parallel each would take all). What it
used comes back on its result; a result with a `run_id` and no `cost_usd` is one whose price is unknown.
"""

from __future__ import annotations

from stepsmith.agent.deployment import Deployment
from stepsmith.agent.loading import LoadedAgent
from stepsmith.contracts import Annotations

from .bookkeeping import USAGE
from .expressions import (
    CALL_INPUT,
    EFFECT_ID,
    INPUT_TO_RUN,
    RESULT_SHARE,
    SECONDS_LEFT,
    TOKENS,
    State,
    asked,
    cut,
    query,
    quote,
    record,
)
from .results import APPROVAL, EDIT_NOTICE, block, tool_result
from .retries import catching

ENVELOPE_BYTES = 400
"""What its result takes beyond a tool's: run_id, usage, cost."""
PREFIX_BYTES = 100
"""What is said before the best answer of one that stopped."""
GRACE_SECONDS = 30
"""It stops itself at the deadline; this is how much longer its caller waits for that."""


def prompt_rule(named: str) -> State:
    """Route's answer to a call without a prompt."""
    prompt = f"{CALL_INPUT}.prompt"
    return {"Condition": query(f"{named} and $not($type({prompt}) = 'string' and {prompt} != '')"), "Next": "No prompt"}


def subagent_state(subagent: LoadedAgent, hints: Annotations, deployment: Deployment, reviewed: bool) -> State:
    failed = record(
        error="$states.errorOutput.Error",
        run_id=f"$substringBefore($states.errorOutput.Error, '.') != 'StepFunctions' ? {EFFECT_ID}",
    )
    return {
        "Type": "Task",
        "Comment": "A sub-agent gets what is left, divided by the calls of the turn. "
        "Its name is the effect_id: started once.",
        "Resource": deployment.integration("states:startExecution.sync:2"),
        "TimeoutSeconds": query(f"{SECONDS_LEFT} + {GRACE_SECONDS}"),
        "Arguments": {
            "StateMachineArn": deployment.machine_arn(subagent.name),
            "Name": query(EFFECT_ID),
            "Input": query(_run_input(subagent.name, INPUT_TO_RUN if reviewed else CALL_INPUT, reviewed)),
        },
        "Catch": catching(asked(failed), "Failed" if hints.repeatable else "Outcome unknown"),
        "Output": query(_result(hints.openWorldHint, reviewed)),
        "End": True,
    }


def _run_input(name: str, call_input: str, reviewed: bool) -> str:
    scripted = "$substringBefore($models[$model], ':') = 'scripted' ? "
    scenario = f"{quote(f'scripted:{name}/')} & $substringAfter($models[$model], '/')"
    return record(
        prompt=f"{call_input}.prompt",
        model=scripted + scenario,
        limits=_LEFT,
        max_output_bytes=_share(reviewed, ENVELOPE_BYTES + PREFIX_BYTES),
        metadata=record(parent="$states.context.Execution.Id", tool_use_id="$states.input.id"),
        AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID="$states.context.Execution.Id",
    )


_LEFT = record(
    max_total_tokens=(
        f"$exists($limits.max_total_tokens) ? $max([0, $floor(($limits.max_total_tokens - {TOKENS}) / $count($calls))])"
    ),
    max_cost_usd=(
        "$exists($limits.max_cost_usd) ? $max([0, $round(($limits.max_cost_usd - $cost_usd) / $count($calls), 9)])"
    ),
    deadline_seconds=SECONDS_LEFT,
)


def _result(untrusted: bool, reviewed: bool) -> str:
    result = tool_result(
        (f"{EDIT_NOTICE}, " if reviewed else "") + block(_SHOWN),
        "$not($o.status = 'completed')",
        run_id=EFFECT_ID,
        usage=record(**{name: f"$sum([0, $o.usage.{name}])" for name in USAGE}),
        cost_usd="$type($o.cost_usd) = 'number' ? $o.cost_usd",
        **({"approval": APPROVAL} if reviewed else {}),
        **({"untrusted": "true"} if untrusted else {}),
    )
    share = _share(reviewed, ENVELOPE_BYTES)
    checked = "$assert($type($o) = 'object', 'The sub-agent has no output.')"
    return f"($o := $states.result.Output; {checked}; $all := {_ALL}; $text := {cut('$all', share)}; {result})"


def _share(reviewed: bool, less: int) -> str:
    """The bytes that its answer may take."""
    return f"$max([1, {RESULT_SHARE if reviewed else '$max_result_bytes'} - {less}])"


_ALL = (
    "($o.status = 'completed' ? '' : 'Stopped (' & $o.stop_reason & '). Best answer so far: ') "
    "& ($type($o.output) = 'string' ? $o.output : $o.output = null ? 'none' : $string($o.output))"
)
_SHOWN = f"$text & ($text = $all ? '' : ' (cut; the rest is in run ' & {EFFECT_ID} & ')')"
