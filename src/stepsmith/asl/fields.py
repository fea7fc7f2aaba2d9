"""What single values of a definition must look like, as markers for the fields of `document.py`.

A check sees the value as it is written and, by the validation context, the query language of its state: in a JSONata
state most fields take an expression as well, `"TimeoutSeconds": "{% $left %}"`. Bounds are those of the Amazon States
Language and of the Developer Guide's page of the state; messages are AWS's words where they are known.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, GetCoreSchemaHandler, ValidationInfo
from pydantic.alias_generators import to_pascal
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from .dialect import JSONATA, JSONPATH
from .errors import Code, Diagnostic
from .jsonata import Evaluator
from .template import Template, TemplateFaults, compile_template, is_expression, literal
from .values import MAX_BYTES

MAX_NAME = 80
MAX_LABEL = 40


@dataclass(slots=True)
class Reading:
    """The validation context: by which engine expressions are compiled, the definition's language, and the state's."""

    evaluator: Evaluator
    default: str
    language: str


Read = ValidationInfo[Reading]


def refusal(
    message: str, remedy: str, path: str = "", code: Code = Code.SCHEMA_VALIDATION_FAILED
) -> PydanticCustomError:
    """A validation error in our own words; `path` is where below the field."""
    return refusals(Diagnostic(path, message, remedy, code))


def refusals(*problems: Diagnostic) -> PydanticCustomError:
    return PydanticCustomError("refusal", "refused", {"problems": problems})


def problems_of(context: dict[str, Any]) -> tuple[Diagnostic, ...]:
    """What a `refusal` carries in the context of pydantic's error."""
    problems: tuple[Diagnostic, ...] = context["problems"]
    return problems


RESULT = frozenset({"result"})
ERROR = frozenset({"errorOutput"})


@dataclass(frozen=True, slots=True)
class Compiled:
    """Marks a field whose value becomes a Template; pydantic need not know what that is made of.

    `jsonata_only`: a JSONPath state does not have the field. `offered`: which of `$states.result` and
    `$states.errorOutput` there are in it.
    """

    jsonata_only: bool = False
    offered: frozenset[str] = frozenset()

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self._template)

    def _template(self, source: Any, info: Read) -> Template:
        reading = info.context
        name = to_pascal(info.field_name or "")
        try:
            if reading.language == JSONATA:
                return compile_template(source, name, reading.evaluator, self.offered)
            if self.jsonata_only:
                remedy = 'Add "QueryLanguage": "JSONata" to the state or the definition.'
                raise refusal(f"The field {name!r} needs the query language JSONata", remedy)
            return literal(source, name)
        except TemplateFaults as faults:
            raise refusals(*(Diagnostic(each.path, each.message, each.remedy) for each in faults.problems)) from faults


def _dynamic(source: Any, info: Read) -> bool:
    """Whether the value is an expression, in a state where that means something."""
    return is_expression(source) and info.context.language == JSONATA


def _expression_or(fits: Callable[[Any], bool], wanted: str) -> BeforeValidator:
    """A field that holds a literal of one kind, or an expression that gives one."""

    def check(source: Any, info: Read) -> Any:
        if fits(source) or _dynamic(source, info):
            return source
        raise refusal(f"Expected {wanted} or a JSONata expression, but was {source!r:.80}", "Correct the value.")

    return BeforeValidator(check)


def _whole(minimum: int, maximum: int) -> BeforeValidator:
    def fits(source: Any) -> bool:
        return isinstance(source, int) and not isinstance(source, bool) and minimum <= source <= maximum

    return _expression_or(fits, f"an integer from {minimum} to {maximum}")


def _number(minimum: int, maximum: int) -> BeforeValidator:
    def fits(source: Any) -> bool:
        return isinstance(source, int | float) and not isinstance(source, bool) and minimum <= source <= maximum

    return _expression_or(fits, f"a number from {minimum} to {maximum}")


_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def _is_timestamp(source: Any) -> bool:
    """RFC 3339 with upper-case T and Z, as the States Language asks: 2026-01-31T12:00:00Z."""
    if not isinstance(source, str) or not _RFC_3339.fullmatch(source):
        return False
    try:
        datetime.fromisoformat(source)
    except ValueError:
        return False
    return True


TEXT = _expression_or(lambda source: isinstance(source, str), "a string")
BOOLEAN = _expression_or(lambda source: isinstance(source, bool), "a boolean")
OBJECT = _expression_or(lambda source: isinstance(source, dict), "an object")
ITEMS = _expression_or(lambda source: isinstance(source, list | dict), "an array, an object")
TIMESTAMP = _expression_or(_is_timestamp, "a timestamp such as 2026-01-31T12:00:00Z")
TIMEOUT_SECONDS = _whole(1, 99_999_999)
WAIT_SECONDS = _whole(0, 99_999_999)
COUNT = _whole(0, 100_000_000)
POSITIVE = _whole(1, 100_000_000)
BATCH_BYTES = _whole(1, MAX_BYTES)
PERCENTAGE = _number(0, 100)


def _assignments(source: Any) -> Any:
    if not isinstance(source, dict):
        raise refusal("Expected value of type Object", "Write variables and their values.")
    wrong = [Diagnostic(f"/{name}", *fault) for name in source if (fault := _unnameable(name))]
    if wrong:
        raise refusals(*wrong)
    return source


def _unnameable(name: str) -> tuple[str, str] | None:
    """What is wrong with a variable's name, and what to do; a Unicode identifier begins with no digit and no _."""
    if name == "states":
        return "The variable name 'states' is reserved", "Choose another name."
    if len(name) > MAX_NAME:
        return f"The variable name is longer than {MAX_NAME} characters", "Shorten it."
    if name.endswith(".$") or (name.isidentifier() and not name.startswith("_")):
        return None
    remedy = "Write letters, digits and _, with a letter first. A part of a variable cannot be assigned."
    return f"The variable name {name!r:.80} is not a valid identifier", remedy


Assignments = BeforeValidator(_assignments)


def _credentials(source: Any) -> bool:
    return isinstance(source, dict) and source.keys() in ({"RoleArn"}, {"RoleArn.$"})


CREDENTIALS = _expression_or(_credentials, 'an object with "RoleArn"')


def _arn(resource: str) -> str:
    if not _RESOURCE.fullmatch(resource):
        remedy = "Name a function, an activity or an integration such as arn:aws:states:::lambda:invoke."
        raise refusal("Value is not a valid resource ARN", remedy)
    return resource


_RESOURCE = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d*:.+", re.DOTALL)
Arn = Annotated[str, AfterValidator(_arn)]


def _not_empty(value: Any) -> Any:
    if not value:
        raise refusal("Value must not be empty", "Add what belongs here.")
    return value


NotEmpty = AfterValidator(_not_empty)


def _state_name(name: str) -> str:
    if not 0 < len(name) <= MAX_NAME:
        message = f"The state name must have 1 to {MAX_NAME} characters, but has {len(name)}"
        raise refusal(message, "Shorten it.", code=Code.INVALID_STATE_NAME)
    return name


StateName = Annotated[str, AfterValidator(_state_name)]


def _label(label: str) -> str:
    if not 0 < len(label) <= MAX_LABEL or _NOT_IN_A_LABEL.search(label):
        message = f"The label must have 1 to {MAX_LABEL} characters that an ARN can carry, but was {label!r:.80}"
        remedy = "Write letters, digits, - and _."
        raise refusal(message, remedy, code=Code.INVALID_LABEL_NAME)
    return label


_NOT_IN_A_LABEL = re.compile(r"[\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]")
Label = Annotated[str, AfterValidator(_label)]


def _not_back_to_jsonpath(language: str | None, info: Read) -> str | None:
    if language == JSONPATH and info.context.default == JSONATA:
        message = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
        raise refusal(message, "Remove it, and write the state in JSONata.")
    return language


Language = AfterValidator(_not_back_to_jsonpath)


def _only_jsonpath(value: Any, info: Read) -> Any:
    if info.context.language == JSONATA:
        raise refusal("Field is not supported", "Use Output.")
    return value


OnlyJsonPath = AfterValidator(_only_jsonpath)
