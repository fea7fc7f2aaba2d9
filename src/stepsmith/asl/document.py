"""A definition as frozen values: one class a state type, a closed union over `Type`.

pydantic parses; whatever may hold JSONata is compiled on the way in, by the evaluator in the validation context, and in
the query language of its own state. So a document that exists is a document whose every expression compiles, and whose
states all say their query language. What concerns several states at once (names, transitions, scopes) is
`structure.py`; what single values must look like is `fields.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    PrivateAttr,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from .dialect import language_of
from .distribution import ItemBatcher, ItemReader, ProcessorConfig, ResultWriter
from .errors import Diagnostic
from .fields import (
    BOOLEAN,
    COUNT,
    CREDENTIALS,
    ERROR,
    ITEMS,
    PERCENTAGE,
    RESULT,
    TEXT,
    TIMEOUT_SECONDS,
    TIMESTAMP,
    WAIT_SECONDS,
    Arn,
    Assignments,
    Compiled,
    Label,
    Language,
    NotEmpty,
    OnlyJsonPath,
    Read,
    Reading,
    StateName,
    refusal,
    refusals,
)
from .node import Node
from .template import Template

ErrorNames = Annotated[tuple[str, ...], Field(strict=False), NotEmpty]
Anything = Annotated[Template | None, Compiled(jsonata_only=True)]
OfResult = Annotated[Template | None, Compiled(jsonata_only=True, offered=RESULT)]
OfError = Annotated[Template | None, Compiled(jsonata_only=True, offered=ERROR)]
Assign = Annotated[Template | None, Compiled(), Assignments]
AssignOfResult = Annotated[Template | None, Compiled(offered=RESULT), Assignments]
AssignOfError = Annotated[Template | None, Compiled(offered=ERROR), Assignments]


class Retrier(Node):
    """When to run a state again, and how long to wait before."""

    error_equals: ErrorNames
    interval_seconds: int = Field(1, ge=1, le=99_999_999)
    max_attempts: int = Field(3, ge=0, le=99_999_999)
    backoff_rate: float = Field(2.0, ge=1.0)
    max_delay_seconds: int | None = Field(None, ge=1, lt=31_622_400)
    jitter_strategy: Literal["FULL", "NONE"] = "NONE"


class Catcher(Node):
    """Where to go on after an error."""

    error_equals: ErrorNames
    next: str
    output: OfError = None
    assign: AssignOfError = None


class StateNode(Node):
    """What all states have; a loaded state always says its query language."""

    query_language: Annotated[Literal["JSONata", "JSONPath"] | None, Language] = None


class Flowing(StateNode):
    """States that go on to one other state, or end."""

    next: str | None = None
    end: bool | None = None

    @model_validator(mode="after")
    def _next_or_end(self) -> Flowing:
        if self.next is None and not self.end:
            raise refusal("These fields are required: [Next]", 'Give the state a "Next", or "End": true.')
        if self.next is not None and self.end:
            raise refusal("Only one of these fields is allowed: [Next, End]", "Remove one of them.")
        return self


class Guarded(Flowing):
    """States that Retry and Catch."""

    output: OfResult = None
    assign: AssignOfResult = None
    retry: tuple[Retrier, ...] = Field((), strict=False)
    catch: tuple[Catcher, ...] = Field((), strict=False)

    @model_validator(mode="after")
    def _all_stands_alone_and_last(self) -> Guarded:
        wrong = [*_misplaced("Retry", self.retry), *_misplaced("Catch", self.catch)]
        if wrong:
            raise refusals(*wrong)
        return self


def _misplaced(field: str, rules: Sequence[Retrier | Catcher]) -> Iterator[Diagnostic]:
    for index, rule in enumerate(rules):
        if "States.ALL" in rule.error_equals and (len(rule.error_equals) > 1 or index < len(rules) - 1):
            message = f"'States.ALL' must appear alone, and in the last of {field}"
            yield Diagnostic(f"/{field}[{index}]/ErrorEquals", message, "Move it there.")


class Pass(Flowing):
    """Hands on its input, or its Output; `result` is the constant of a state without a query language."""

    type: Literal["Pass"]
    result: Annotated[Any, OnlyJsonPath] = None
    output: Anything = None
    assign: Assign = None


class Task(Guarded):
    """Work done elsewhere."""

    type: Literal["Task"]
    resource: Arn
    arguments: Anything = None
    credentials: Annotated[Template | None, Compiled(), CREDENTIALS] = None
    timeout_seconds: Annotated[Template | None, Compiled(), TIMEOUT_SECONDS] = None
    heartbeat_seconds: Annotated[Template | None, Compiled(), TIMEOUT_SECONDS] = None

    @model_validator(mode="after")
    def _heartbeat_within_timeout(self) -> Task:
        seconds = [field.source for field in (self.heartbeat_seconds, self.timeout_seconds) if field is not None]
        if len(seconds) == 2 and all(isinstance(each, int) for each in seconds) and seconds[0] >= seconds[1]:
            message = "'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'"
            raise refusal(message, "Correct one of them.", "/HeartbeatSeconds")
        return self


class Rule(Node):
    """One rule of a Choice."""

    condition: Annotated[Template, Compiled(jsonata_only=True), BOOLEAN]
    next: str
    output: Anything = None
    assign: Assign = None


class Choice(StateNode):
    """The first rule whose condition is true decides; Output and Assign of the state go with Default."""

    type: Literal["Choice"]
    choices: Annotated[tuple[Rule, ...], Field(strict=False), NotEmpty]
    default: str | None = None
    output: Anything = None
    assign: Assign = None


class Wait(Flowing):
    """Lets time pass."""

    type: Literal["Wait"]
    seconds: Annotated[Template | None, Compiled(), WAIT_SECONDS] = None
    timestamp: Annotated[Template | None, Compiled(), TIMESTAMP] = None
    output: Anything = None
    assign: Assign = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Wait:
        if (self.seconds is None) == (self.timestamp is None):
            raise refusal("Exactly one of these fields is required: [Seconds, Timestamp]", "Give the state one.")
        return self


class Succeed(StateNode):
    """Ends its branch, or the execution."""

    type: Literal["Succeed"]
    output: Anything = None


class Fail(StateNode):
    """Ends its branch, or the execution, with an error."""

    type: Literal["Fail"]
    error: Annotated[Template | None, Compiled(), TEXT] = None
    cause: Annotated[Template | None, Compiled(), TEXT] = None


class Parallel(Guarded):
    """Runs every branch on the same input; its result is the array of their outputs."""

    type: Literal["Parallel"]
    branches: Annotated[tuple[Branch, ...], Field(strict=False), NotEmpty]
    arguments: Anything = None


class Map(Guarded):
    """Runs its processor once an item; its result is the array of outputs, in the order of the items. What a Map in
    DISTRIBUTED mode has besides: distribution.py."""

    type: Literal["Map"]
    items: Annotated[Template | None, Compiled(jsonata_only=True), ITEMS] = None
    item_reader: ItemReader | None = None
    item_selector: Annotated[Template | None, Compiled()] = None
    item_batcher: ItemBatcher | None = None
    item_processor: Processor
    result_writer: ResultWriter | None = None
    label: Label | None = None
    max_concurrency: Annotated[Template | None, Compiled(), COUNT] = None
    tolerated_failure_count: Annotated[Template | None, Compiled(), COUNT] = None
    tolerated_failure_percentage: Annotated[Template | None, Compiled(), PERCENTAGE] = None

    @property
    def is_distributed(self) -> bool:
        """Whether the iterations are executions of their own."""
        return self.item_processor.processor_config.mode == "DISTRIBUTED"

    @model_validator(mode="after")
    def _distributes_or_not(self) -> Map:
        parts = {"ItemReader": self.item_reader, "ItemBatcher": self.item_batcher, "ResultWriter": self.result_writer}
        if not self.is_distributed and any(parts.values()):
            remedy = 'Write "Mode": "DISTRIBUTED" in its ProcessorConfig, or remove it.'
            raise refusals(
                *(Diagnostic(f"/{name}", "Field is not supported", remedy) for name in parts if parts[name] is not None)
            )
        if self.item_reader is not None and self.items is not None:
            raise refusal("Only one of these fields is allowed: [Items, ItemReader]", "Remove one of them.")
        return self


AnyState = Pass | Task | Choice | Wait | Succeed | Fail | Parallel | Map


def _in_its_language(value: Any, handler: ValidatorFunctionWrapHandler, info: Read) -> Any:
    """Reads one state in its query language: its own, or that of the definition."""
    if not isinstance(value, dict):
        return handler(value)
    reading = info.context
    around, reading.language = reading.language, language_of(value, reading.default)
    try:
        return handler(value if "QueryLanguage" in value else {**value, "QueryLanguage": reading.language})
    finally:
        reading.language = around


State = Annotated[AnyState, Field(discriminator="type"), WrapValidator(_in_its_language)]


class Branch(Node):
    """States, and where they start."""

    start_at: str
    states: Annotated[dict[StateName, State], NotEmpty]


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
        reading: Reading = info.context  # type: ignore[assignment]  # pydantic's types allow no narrower context here
        states = {name: part for name, part in value.items() if name != "ProcessorConfig"}
        processor._definition = {"QueryLanguage": reading.default, **states}
        return processor


class Document(Branch):
    """A whole definition."""

    query_language: Literal["JSONata", "JSONPath"] = "JSONPath"
    version: Literal["1.0"] | None = None
    timeout_seconds: int | None = Field(None, ge=1, le=99_999_999)


def branches_of(state: AnyState) -> tuple[tuple[str, Branch], ...]:
    """The branches inside a state, each with its path below the state."""
    match state:
        case Parallel(branches=branches):
            return tuple((f"/Branches[{index}]", branch) for index, branch in enumerate(branches))
        case Map(item_processor=processor):
            return (("/ItemProcessor", processor),)
        case _:
            return ()


def is_distributed(state: AnyState) -> bool:
    """Whether its branches are executions of their own, which read no variable from outside (Developer Guide)."""
    return isinstance(state, Map) and state.is_distributed


def parts_of(state: AnyState) -> Iterator[tuple[str, Node]]:
    """The state itself and all objects in it that are no states, each with its path below the state."""
    yield "", state
    if isinstance(state, Map):
        yield from _distribution(state)
    if isinstance(state, Choice):
        yield from ((f"/Choices[{index}]", rule) for index, rule in enumerate(state.choices))
    if isinstance(state, Guarded):
        yield from ((f"/Retry[{index}]", retrier) for index, retrier in enumerate(state.retry))
        yield from ((f"/Catch[{index}]", catcher) for index, catcher in enumerate(state.catch))


def _distribution(state: Map) -> Iterator[tuple[str, Node]]:
    if state.item_reader is not None:
        yield "/ItemReader", state.item_reader
        if state.item_reader.reader_config is not None:
            yield "/ItemReader/ReaderConfig", state.item_reader.reader_config
    if state.item_batcher is not None:
        yield "/ItemBatcher", state.item_batcher
    if state.result_writer is not None:
        yield "/ResultWriter", state.result_writer


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
