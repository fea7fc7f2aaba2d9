"""The Lambda handler of a tool function: parse, validate, call one pure function, answer within the budget.

Who acts on what goes wrong:

    the model       a `ToolError` and an input that does not fit the schema become a result with ``is_error: true``
    the machine     an event that is no call raises `ContractError`
    the developer   anything else a tool raises goes on to Lambda; the log gets its class and place, never its words,
                    which may hold what the model or a person said

The log is a line of JSON a call on standard output, in the same shape from the kits of all languages: whose call it was
and how it ended, neither its input nor its result.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from stepsmith import contracts
from stepsmith.contracts import ContractError, ToolFunction
from stepsmith.contracts.budgets import json_bytes
from stepsmith.objects import Objects, S3Objects

from .answer import Answer, ToolError
from .call import Call, opened
from .inputs import validator
from .result import tool_result

type Function = Callable[[dict[str, Any], Call], Answer]
type Handler = Callable[[Any, LambdaContext], dict[str, Any]]

MARGIN_SECONDS = 2.0
"""Kept back from a function's time for storing and answering; at most a fifth of it."""


class LambdaContext(Protocol):
    """What we use of the context object that Lambda passes."""

    def get_remaining_time_in_millis(self) -> int: ...


def serve(
    functions: Mapping[str, Function], *, description: Path | None = None, objects: Objects | None = None
) -> Handler:
    """The handler of these tools, each by its name in `tool.json`.

    `description` is that file; without it, the one beside the functions' module, or at the top of the Lambda's code.
    Raises FileNotFoundError, `ContractError` (which names the field) or ValueError where the two do not fit.
    """
    path = description or _description(functions)
    function = _read(path)
    _same_names(path, {tool.name for tool in function.tools}, set(functions))
    server = _Server(
        functions,
        {tool.name: validator(tool) for tool in function.tools},
        objects or S3Objects(),
        function.function,
    )
    return server.handle


@dataclass(frozen=True)
class _Server:
    functions: Mapping[str, Function]
    validators: Mapping[str, Callable[[Mapping[str, Any]], None]]
    objects: Objects
    service: str

    def handle(self, event: Any, context: LambdaContext) -> dict[str, Any]:
        began = time.perf_counter()
        asked = contracts.Call.from_json(event)
        if asked.name not in self.functions:
            raise ContractError("name", f"one of {', '.join(sorted(self.functions))} is needed, not {asked.name!r}")
        call = opened(asked, self.objects, _seconds(context))
        result = self._result(asked, call).to_json()
        self._log("INFO", "tool call", call, _outcome(result, time.perf_counter() - began))
        return result

    def _result(self, asked: contracts.Call, call: Call) -> contracts.ToolResult:
        try:
            self.validators[call.name](asked.input)
            return tool_result(call, self.functions[call.name](dict(asked.input), call))
        except ToolError as error:
            return tool_result(call, str(error), is_error=True)
        except Exception as error:
            self._log("ERROR", "tool raised", call, {"error": type(error).__name__, "at": _place(error)})
            raise

    def _log(self, level: str, message: str, call: Call, facts: Mapping[str, Any]) -> None:
        line = {"level": level, "service": self.service, "message": message, **_who(call), **facts}
        print(json.dumps(line, ensure_ascii=False), flush=True)


def _who(call: Call) -> dict[str, Any]:
    return {
        "tool": call.name,
        "agent": call.agent,
        "run_id": call.run_id,
        "turn": call.turn,
        "effect_id": call.effect_id,
    }


def _outcome(result: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    return {"is_error": result["is_error"], "bytes": json_bytes(result), "ms": round(seconds * 1000)}


def _place(error: BaseException) -> str:
    """The innermost file and line of an error."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"


def _seconds(context: LambdaContext) -> float:
    left = context.get_remaining_time_in_millis() / 1000
    return max(0.0, left - min(MARGIN_SECONDS, left / 5))


def _description(functions: Mapping[str, Function]) -> Path:
    folders = list(_folders(functions))
    for folder in folders:
        if (path := folder / "tool.json").is_file():
            return path
    raise FileNotFoundError(f"There is no tool.json in {', '.join(map(str, folders))}. Put it beside the handler.")


def _folders(functions: Mapping[str, Function]) -> Iterator[Path]:
    for function in functions.values():
        if file := getattr(sys.modules.get(getattr(function, "__module__", "")), "__file__", None):
            yield Path(file).parent
    yield Path(os.environ.get("LAMBDA_TASK_ROOT", "."))


def _read(path: Path) -> ToolFunction:
    try:
        return ToolFunction.from_json(json.loads(path.read_text()))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path} is no JSON: {error}") from None


def _same_names(path: Path, described: set[str], served: set[str]) -> None:
    if described != served:
        raise ValueError(
            f"{path} describes the tools {sorted(described)}, but serve() was given {sorted(served)}: "
            "make them the same."
        )
