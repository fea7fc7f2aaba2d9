"""A definition as frozen values: one class a state type, a closed union over `Type`.

pydantic parses; whatever may hold JSONata is compiled on the way in, by the evaluator in the validation context. So a
document that exists is a document whose every expression compiles. What concerns several states at once (names,
transitions, scopes) is `structure.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PrivateAttr,
    ValidationInfo,
    model_validator,
)
from pydantic.alias_generators import to_pascal
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from .template import Template, TemplateFault, compile_template, is_expression, literal

MAX_NAME = 80


def refusal(message: str, remedy: str, path: str = "") -> PydanticCustomError:
    """A validation error of our own words; `path` is where below the field."""
    return PydanticCustomError("refusal", "{message}", {"message": message, "remedy": remedy, "path": path})


def _template(source: Any, info: ValidationInfo) -> Template:
    context: Any = info.context
    location = to_pascal(info.field_name or "")
    if context.language != "JSONata":
        return literal(source, location)
    try:
        return compile_template(source, location, context.evaluator)
    except TemplateFault as fault:
        raise refusal(str(fault), fault.remedy, fault.path) from fault


def _only_expression_or(kind: type | tuple[type, ...], name: str) -> Any:
    """A field that holds a literal of one type, or an expression that gives one."""

    def check(source: Any) -> Any:
        if is_expression(source) or (isinstance(source, kind) and not isinstance(source, bool)):
            return source
        raise refusal(f"must be {name} or a JSONata expression, not {source!r:.80}.", "Correct the value.")

    return BeforeValidator(check)


def _whole(minimum: int, maximum: int) -> Any:
    def check(source: Any) -> Any:
        whole = isinstance(source, int) and not isinstance(source, bool)
        if is_expression(source) or (whole and minimum <= source <= maximum):
            return source
        allowed = f"must be an integer from {minimum} to {maximum}, or a JSONata expression"
        raise refusal(f"{allowed}, not {source!r:.80}.", "Correct the value.")

    return BeforeValidator(check)


class _Compiles:
    """Marks a field whose value becomes a Template; pydantic need not know what that is made of."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(_template)


_Compiled = _Compiles()
_Any = Annotated[Template, _Compiled]
_Text = Annotated[Template, _Compiled, _only_expression_or(str, "a string")]
_Items = Annotated[Template, _Compiled, _only_expression_or((list, dict), "an array or object")]
_Seconds = Annotated[Template, _Compiled, _whole(1, 99_999_999)]
_WaitSeconds = Annotated[Template, _Compiled, _whole(0, 99_999_999)]
_Count = Annotated[Template, _Compiled, _whole(0, 100_000_000)]
_Percentage = Annotated[Template, _Compiled, _whole(0, 100)]


def _assignments(source: Any) -> Any:
    if not isinstance(source, dict):
        raise refusal(f"must be an object of variables and their values, not {source!r:.80}.", "Correct the value.")
    for name in source:
        if not name.isidentifier() or name == "states" or len(name) > MAX_NAME:
            rule = f"Letters, digits and _ make a name, no digit first, {MAX_NAME} at most; 'states' is taken."
            raise refusal(f"assigns {name!r}, which is no name of a variable.", rule)
    return source


def _arn(resource: str) -> str:
    if not resource.startswith("arn:") or resource.count(":") < 5:
        raise refusal(f"{resource!r} is no ARN.", "Name a function, an activity or arn:aws:states:::lambda:invoke.")
    return resource


def _not_empty(value: Any) -> Any:
    if not value:
        raise refusal("must not be empty.", "Add what belongs here.")
    return value


_NotEmpty = AfterValidator(_not_empty)


_Assign = Annotated[Template, _Compiled, BeforeValidator(_assignments)]


class Node(BaseModel):
    """Every object of a definition: frozen, no unknown field."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_pascal, arbitrary_types_allowed=True, strict=True
    )

    comment: str | None = None

    def templates(self) -> Iterator[Template]:
        """The fields of this very object that may hold JSONata."""
        for value in self.__dict__.values():
            if isinstance(value, Template):
                yield value


class Retrier(Node):
    """When to run a state again, and how long to wait before."""

    error_equals: Annotated[tuple[str, ...], Field(strict=False), _NotEmpty]
    interval_seconds: int = Field(1, ge=1, le=99_999_999)
    max_attempts: int = Field(3, ge=0, le=99_999_999)
    backoff_rate: float = Field(2.0, ge=1.0, strict=False)
    max_delay_seconds: int | None = Field(None, ge=1, le=31_622_400)
    jitter_strategy: Literal["FULL", "NONE"] = "NONE"


class Catcher(Node):
    """Where to go on after an error."""

    error_equals: Annotated[tuple[str, ...], Field(strict=False), _NotEmpty]
    next: str
    output: _Any | None = None
    assign: _Assign | None = None


class StateNode(Node):
    """What all states have."""

    query_language: Literal["JSONata", "JSONPath"] | None = None
    output: _Any | None = None


class Flowing(StateNode):
    """States that go on to one other state, or end."""

    next: str | None = None
    end: bool | None = None
    assign: _Assign | None = None

    @model_validator(mode="after")
    def _next_or_end(self) -> Flowing:
        if (self.next is None) == (not self.end):
            raise refusal("The state has both or none of Next and End.", 'Give it either "Next" or "End": true.')
        return self


class Guarded(Flowing):
    """States that Retry and Catch."""

    retry: tuple[Retrier, ...] = Field((), strict=False)
    catch: tuple[Catcher, ...] = Field((), strict=False)

    @model_validator(mode="after")
    def _all_stands_alone_and_last(self) -> Guarded:
        for rules in ([each.error_equals for each in self.retry], [each.error_equals for each in self.catch]):
            for index, names in enumerate(rules):
                if "States.ALL" in names and (len(names) > 1 or index < len(rules) - 1):
                    raise refusal("States.ALL stands beside or before others.", "Put it alone, in the last one.")
        return self


class Pass(Flowing):
    """Hands on its input, or its Output; `result` is the constant of definitions without a query language."""

    type: Literal["Pass"]
    result: Any = None


class Task(Guarded):
    """Work done elsewhere."""

    type: Literal["Task"]
    resource: Annotated[str, AfterValidator(_arn)]
    arguments: _Any | None = None
    timeout_seconds: _Seconds | None = None
    heartbeat_seconds: _Seconds | None = None


class Rule(Node):
    """One rule of a Choice."""

    condition: Annotated[Template, _Compiled, _only_expression_or(bool, "a boolean")]
    next: str
    output: _Any | None = None
    assign: _Assign | None = None


class Choice(StateNode):
    """The first rule whose condition is true decides; Output and Assign of the state go with Default."""

    type: Literal["Choice"]
    choices: Annotated[tuple[Rule, ...], Field(strict=False), _NotEmpty]
    default: str | None = None
    assign: _Assign | None = None


class Wait(Flowing):
    """Lets time pass."""

    type: Literal["Wait"]
    seconds: _WaitSeconds | None = None
    timestamp: _Text | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Wait:
        if (self.seconds is None) == (self.timestamp is None):
            raise refusal("The state has both or none of Seconds and Timestamp.", "Give it one of them.")
        return self


class Succeed(StateNode):
    """Ends its branch, or the execution."""

    type: Literal["Succeed"]


class Fail(Node):
    """Ends its branch, or the execution, with an error."""

    type: Literal["Fail"]
    query_language: Literal["JSONata", "JSONPath"] | None = None
    error: _Text | None = None
    cause: _Text | None = None


class Parallel(Guarded):
    """Runs every branch on the same input; its result is the array of their outputs."""

    type: Literal["Parallel"]
    branches: Annotated[tuple[Branch, ...], Field(strict=False), _NotEmpty]
    arguments: _Any | None = None


class Map(Guarded):
    """Runs its processor once an item; its result is the array of outputs, in the order of the items."""

    type: Literal["Map"]
    items: _Items | None = None
    item_selector: _Any | None = None
    item_processor: Processor
    label: str | None = None
    max_concurrency: _Count | None = None
    tolerated_failure_count: _Count | None = None
    tolerated_failure_percentage: _Percentage | None = None


def _state_name(name: str) -> str:
    if not 0 < len(name) <= MAX_NAME:
        raise refusal(f"The state's name has {len(name)} characters.", f"Shorten it: a name has 1 to {MAX_NAME}.")
    return name


State = Annotated[
    Pass | Task | Choice | Wait | Succeed | Fail | Parallel | Map,
    Field(discriminator="type"),
]


class Branch(Node):
    """States, and where they start."""

    start_at: str
    states: Annotated[dict[Annotated[str, AfterValidator(_state_name)], State], _NotEmpty]


class ProcessorConfig(Node):
    """How iterations run: inline, within the execution, or distributed, as child executions of their own."""

    mode: Literal["INLINE", "DISTRIBUTED"] = "INLINE"
    execution_type: Literal["STANDARD", "EXPRESS"] | None = None


class Processor(Branch):
    """The states that a Map runs for each item; `definition` is them as a state machine of their own."""

    processor_config: ProcessorConfig = ProcessorConfig()
    _definition: dict[str, Any] = PrivateAttr(default_factory=dict)

    @property
    def definition(self) -> dict[str, Any]:
        return self._definition

    @model_validator(mode="wrap")
    @classmethod
    def _keep_the_definition(cls, value: Any, handler: Any, info: ValidationInfo) -> Processor:
        processor: Processor = handler(value)
        context: Any = info.context
        states = {name: part for name, part in value.items() if name != "ProcessorConfig"}
        processor._definition = {"QueryLanguage": "JSONata", **states} if context.language == "JSONata" else states
        return processor


class Document(Branch):
    """A whole definition."""

    query_language: Literal["JSONata", "JSONPath"] | None = None
    version: Literal["1.0"] | None = None
    timeout_seconds: int | None = Field(None, ge=1, le=99_999_999)


AnyState = Pass | Task | Choice | Wait | Succeed | Fail | Parallel | Map


def branches_of(state: AnyState) -> tuple[tuple[str, Branch], ...]:
    """The branches inside a state, each with its path below the state."""
    match state:
        case Parallel(branches=branches):
            return tuple((f"/Branches[{index}]", branch) for index, branch in enumerate(branches))
        case Map(item_processor=processor):
            return (("/ItemProcessor", processor),)
        case _:
            return ()


def parts_of(state: AnyState) -> Iterator[tuple[str, Node]]:
    """The state itself and its rules, retriers and catchers, each with its path below the state."""
    yield "", state
    if isinstance(state, Choice):
        yield from ((f"/Choices[{index}]", rule) for index, rule in enumerate(state.choices))
    if isinstance(state, Guarded):
        yield from ((f"/Retry[{index}]", retrier) for index, retrier in enumerate(state.retry))
        yield from ((f"/Catch[{index}]", catcher) for index, catcher in enumerate(state.catch))


def successors(state: AnyState) -> Iterator[tuple[str, str]]:
    """The states that may come next, each with the path below the state that says so."""
    for path, part in parts_of(state):
        target = getattr(part, "next", None)
        if target is not None:
            yield f"{path}/Next", target
    if isinstance(state, Choice) and state.default is not None:
        yield "/Default", state.default


def is_terminal(state: AnyState) -> bool:
    return isinstance(state, Succeed | Fail) or (isinstance(state, Flowing) and state.end is True)
