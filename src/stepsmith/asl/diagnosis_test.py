"""What is found in a definition: AWS's code, words and place for each fault, all of them, in the definition's order."""

from typing import Any

import pytest

from stepsmith import asl
from stepsmith.asl import Code

PASS: dict[str, Any] = {"Type": "Pass", "End": True}
LAMBDA = "arn:aws:states:::lambda:invoke"
Found = list[tuple[str, str, str]]


def task(**fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": LAMBDA, "End": True, **fields}


def each(**fields: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemProcessor": {"StartAt": "I", "States": {"I": PASS}}, "End": True, **fields}


def distributed(**fields: Any) -> dict[str, Any]:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    return each(ItemProcessor={"ProcessorConfig": config, "StartAt": "I", "States": {"I": PASS}}, **fields)


def reader(**config: Any) -> dict[str, Any]:
    arguments = {"Bucket": "b", "Key": "k"}
    return {"Resource": "arn:aws:states:::s3:getObject", "Arguments": arguments, "ReaderConfig": config}


def listing(**config: Any) -> dict[str, Any]:
    resource = "arn:aws:states:::s3:listObjectsV2"
    return {"Resource": resource, "Arguments": {"Bucket": "b"}, "ReaderConfig": config}


def found(definition: Any, **options: Any) -> Found:
    diagnostics = asl.diagnose(definition, **options)
    assert all(each.remedy for each in diagnostics)
    return [(each.code, each.message, each.path) for each in diagnostics]


def jsonata(states: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states, **fields}


def only(state: dict[str, Any], **options: Any) -> Found:
    return found(jsonata({"A": state}), **options)


@pytest.mark.parametrize(
    ("definition", "code", "message"),
    [
        ("", "MISSING_DESCRIPTION", "The definition is empty"),
        ("{", "INVALID_JSON_DESCRIPTION", "Invalid JSON description"),
        ("[]", "SCHEMA_VALIDATION_FAILED", "Expected value of type Object"),
        ("{}", "SCHEMA_VALIDATION_FAILED", "These fields are required: [StartAt, States]"),
        ('{"a":' * 300 + "1" + "}" * 300, "TOO_DEEPLY_NESTED", "The states are too deeply nested"),
        ("[" * 100_000, "TOO_DEEPLY_NESTED", "The states are too deeply nested"),
    ],
)
def test_what_is_no_definition_at_all_has_a_code_of_its_own(definition: str, code: str, message: str) -> None:
    assert found(definition) == [(code, message, "")]


@pytest.mark.parametrize(
    ("state", "message", "path"),
    [
        ({"Type": "Pass"}, "These fields are required: [Next]", "/States/A"),
        ({"Type": "Choice"}, "These fields are required: [Choices]", "/States/A"),
        ({"End": True}, "These fields are required: [Type]", "/States/A"),
        ({**PASS, "Colour": "red"}, "Field is not supported", "/States/A/Colour"),
        ({**PASS, "Comment": 1}, "Expected value of type String", "/States/A/Comment"),
        ({**PASS, "Result": 1}, "Field is not supported", "/States/A/Result"),
        ({**PASS, "InputPath": "$.a"}, "Field is not supported", "/States/A/InputPath"),
        (task(Resource="f"), "Value is not a valid resource ARN", "/States/A/Resource"),
        (
            task(Retry=[{"ErrorEquals": ["E"], "BackoffRate": "2"}]),
            "Expected value of type Number",
            "/States/A/Retry[0]/BackoffRate",
        ),
        (
            task(Retry=[{"ErrorEquals": ["E"], "IntervalSeconds": 1.5}]),
            "Expected value of type Integer",
            "/States/A/Retry[0]/IntervalSeconds",
        ),
        (
            task(Retry=[{"ErrorEquals": ["E"], "MaxDelaySeconds": 31_622_400}]),
            "Value must be less than 31622400",
            "/States/A/Retry[0]/MaxDelaySeconds",
        ),
        (
            task(TimeoutSeconds=5, HeartbeatSeconds=5),
            "'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'",
            "/States/A/HeartbeatSeconds",
        ),
        (
            task(Credentials={"Role": "r"}),
            """Expected an object with "RoleArn" or a JSONata expression, but was {'Role': 'r'}""",
            "/States/A/Credentials",
        ),
        (
            {"Type": "Wait", "Timestamp": "tomorrow", "End": True},
            "Expected a timestamp such as 2026-01-31T12:00:00Z or a JSONata expression, but was 'tomorrow'",
            "/States/A/Timestamp",
        ),
        (
            {**PASS, "Assign": {"x.y": 1}},
            "The variable name 'x.y' is not a valid identifier",
            "/States/A/Assign/x.y",
        ),
        ({**PASS, "Assign": {"states": 1}}, "The variable name 'states' is reserved", "/States/A/Assign/states"),
        (
            {**PASS, "Output": {"a.$": "$.b"}},
            "The field 'a.$' is JSONPath, which Stepsmith does not run",
            "/States/A/Output/a.$",
        ),
        (
            {**PASS, "QueryLanguage": "JSONPath"},
            "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
            "/States/A/QueryLanguage",
        ),
        (
            distributed(ItemReader={"Resource": "arn:aws:states:::s3:getObject"}),
            "These fields are required: [Arguments]",
            "/States/A/ItemReader",
        ),
        (
            distributed(ItemReader=reader()),
            "These fields are required: [InputType]",
            "/States/A/ItemReader/ReaderConfig",
        ),
        (
            distributed(ItemReader=reader(InputType="JSON", Transformation="LOAD_AND_FLATTEN")),
            "Field is not supported",
            "/States/A/ItemReader/ReaderConfig/Transformation",
        ),
        (
            distributed(ItemReader=listing(InputType="JSON")),
            "Field is not supported",
            "/States/A/ItemReader/ReaderConfig/InputType",
        ),
        (
            distributed(ItemReader=listing(Transformation="LOAD_AND_FLATTEN")),
            "These fields are required: [InputType]",
            "/States/A/ItemReader/ReaderConfig",
        ),
        (
            distributed(ItemReader=listing(InputType="MANIFEST", Transformation="LOAD_AND_FLATTEN")),
            "Value is not valid",
            "/States/A/ItemReader/ReaderConfig/InputType",
        ),
        (
            distributed(ItemReader=reader(InputType="PARQUET")),
            "Stepsmith does not read PARQUET",
            "/States/A/ItemReader/ReaderConfig",
        ),
        (
            distributed(ItemReader=reader(InputType="CSV", CSVHeaderLocation="GIVEN")),
            "These fields are required: [CSVHeaders]",
            "/States/A/ItemReader/ReaderConfig",
        ),
        (
            distributed(ItemReader=reader(InputType="CSV", ItemsPointer="/a")),
            "These fields are required: [CSVHeaderLocation]",
            "/States/A/ItemReader/ReaderConfig",
        ),
        (
            distributed(ItemReader=reader(InputType="JSON", ItemsPointer="$.a")),
            "Expected a JSON Pointer into a JSON file, but was '$.a'",
            "/States/A/ItemReader/ReaderConfig/ItemsPointer",
        ),
        (
            distributed(ItemReader=reader(InputType="JSON", MaxItems=0)),
            "Expected an integer from 1 to 100000000 or a JSONata expression, but was 0",
            "/States/A/ItemReader/ReaderConfig/MaxItems",
        ),
        (
            distributed(ItemReader=reader(InputType="JSON"), Items=[1]),
            "Only one of these fields is allowed: [Items, ItemReader]",
            "/States/A",
        ),
        (
            distributed(ItemBatcher={"BatchInput": {}}),
            "At least one of these fields is required: [MaxItemsPerBatch, MaxInputBytesPerBatch]",
            "/States/A/ItemBatcher",
        ),
        (
            distributed(ItemReader={**reader(InputType="JSON"), "Arguments": {"Bucket": "b"}}),
            "The field 'Key' is required but was missing",
            "/States/A/ItemReader/Arguments",
        ),
        (
            distributed(ResultWriter={"Resource": "arn:aws:states:::s3:putObject", "Arguments": {"Bucket": 7}}),
            "The value for the field 'Bucket' must be a STRING",
            "/States/A/ResultWriter/Arguments/Bucket",
        ),
        (distributed(ResultWriter={}), "Value must not be empty", "/States/A/ResultWriter"),
        (
            distributed(ResultWriter={"Resource": "arn:aws:states:::s3:putObject"}),
            "These fields are required: [Arguments]",
            "/States/A/ResultWriter",
        ),
        (
            distributed(ResultWriter={"WriterConfig": {"Transformation": "FLAT"}}),
            "Value is not valid. Allowed values are: ['NONE', 'COMPACT' or 'FLATTEN']",
            "/States/A/ResultWriter/WriterConfig/Transformation",
        ),
        (each(ItemBatcher={"MaxItemsPerBatch": 2}), "Field is not supported", "/States/A/ItemBatcher"),
        (
            distributed(ItemBatcher={"MaxItemsPerBatch": 2, "MaxItemsPerBatchPath": "$.n"}),
            "Field is not supported",
            "/States/A/ItemBatcher/MaxItemsPerBatchPath",
        ),
        (
            each(ItemProcessor={"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "StartAt": "I", "States": {"I": PASS}}),
            "These fields are required: [ExecutionType]",
            "/States/A/ItemProcessor/ProcessorConfig",
        ),
    ],
)
def test_a_wrong_shape_is_told_in_awss_words(state: dict[str, Any], message: str, path: str) -> None:
    assert only(state) == [(Code.SCHEMA_VALIDATION_FAILED, message, path)]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ({"A": {"Type": "Pass", "Next": "B"}}, ("MISSING_TRANSITION_TARGET", "Missing 'Next' target: B", "/States/A/Next")),  # noqa: E501
        ({"A": PASS, "B": PASS}, ("MISSING_TRANSITION_TARGET", 'State "B" is not reachable.', "/States/B")),
        ({"A": {"Type": "Pass", "Next": "A"}}, ("MISSING_END_STATE", "No state ends the workflow", "/States")),
        (
            {"x" * 81: PASS},
            (
                "INVALID_STATE_NAME",
                "The state name must have 1 to 80 characters, but has 81",
                f"/States/{'x' * 81}",
            ),
        ),
        (
            {"A": distributed(Label="a b")},
            (
                "INVALID_LABEL_NAME",
                "The label must have 1 to 40 characters that an ARN can carry, but was 'a b'",
                "/States/A/Label",
            ),
        ),
    ],
)  # fmt: skip
def test_what_concerns_the_whole_machine_has_codes_of_its_own(
    states: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    assert found(jsonata(states)) == [expected]


def test_names_and_labels_that_are_repeated_are_told_at_each_place() -> None:
    first, second = distributed(Label="same"), distributed(Label="same")
    states = {"A": {"Type": "Parallel", "Branches": [
        {"StartAt": "L", "States": {"L": first}}, {"StartAt": "R", "States": {"R": second}}], "End": True}}  # fmt: skip
    assert [(code, path) for code, _, path in found(jsonata(states))] == [
        ("DUPLICATE_STATE_NAME", "/States/A/Branches[0]/States/L/ItemProcessor/States/I"),
        ("DUPLICATE_STATE_NAME", "/States/A/Branches[1]/States/R/ItemProcessor/States/I"),
        ("DUPLICATE_LABEL_NAME", "/States/A/Branches[0]/States/L/Label"),
        ("DUPLICATE_LABEL_NAME", "/States/A/Branches[1]/States/R/Label"),
    ]


def test_all_faults_of_one_stage_are_found_in_the_order_of_the_definition() -> None:
    states = {
        "B": {"Type": "Pass", "Output": {"x": "{% 1 + %}", "y": ["{% foo %}"]}, "Colour": 1},
        "A": {"Type": "Task", "Catch": [{}], "End": True},
    }
    assert [path for _, _, path in found(jsonata(states, Version="2.0"))] == [
        "/States/B/Output/x",
        "/States/B/Output/y[0]",
        "/States/B/Colour",
        "/States/A",
        "/States/A/Catch[0]",
        "/Version",
    ]


def test_fields_missing_from_one_object_are_named_together() -> None:
    assert only(task(Catch=[{}])) == [
        ("SCHEMA_VALIDATION_FAILED", "These fields are required: [ErrorEquals, Next]", "/States/A/Catch[0]")
    ]


def test_an_expression_that_does_not_parse_is_told_with_jsonatas_code_and_position() -> None:
    ((code, message, path),) = only({**PASS, "Output": {"sum": "{% 1 + %}"}})
    assert (code, path) == ("SCHEMA_VALIDATION_FAILED", "/States/A/Output/sum")
    assert message == (
        "The JSONata expression '1 +' specified for the field 'Output/sum' does not parse. "
        "S0207: Unexpected end of expression (position 3)"
    )


@pytest.mark.parametrize("text", ["{% 1", "1 %}", " {% 1 %}", "{% 1 %} ", "{%}"])
def test_half_an_expression_is_refused(text: str) -> None:
    ((_, message, path),) = only({**PASS, "Output": [text]})
    assert path == "/States/A/Output[0]"
    assert "is not opened or closed properly" in message


_RESULT = {"Output": "{% $states.result.x %}", "Assign": {"r": "{% $states.result[0] %}"}}
_ERROR = {"Output": "{% $states.errorOutput.Error %}", "Assign": {"e": "{% $states.errorOutput %}"}}


@pytest.mark.parametrize("state", [task(**_RESULT), each(**_RESULT)])
def test_the_result_is_there_in_output_and_assign_of_what_has_one(state: dict[str, Any]) -> None:
    assert only(state) == []


def test_the_error_is_there_in_a_catch() -> None:
    states = {"A": task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "B", **_ERROR}]), "B": PASS}
    assert found(jsonata(states)) == []


@pytest.mark.parametrize(
    "state",
    [
        {**PASS, "Output": "{% $states.result %}"},
        {"Type": "Succeed", "Output": "{% $states.(result).x %}"},
        {"Type": "Wait", "Seconds": "{% $states.result %}", "End": True},
        {"Type": "Choice", "Choices": [{"Condition": "{% $states.result = 1 %}", "Next": "A"}]},
        task(Arguments={"x": "{% $states.result %}"}),
        task(TimeoutSeconds="{% $states.result %}"),
        task(Output="{% $states.errorOutput %}"),
        task(Catch=[{"ErrorEquals": ["E"], "Next": "A", "Output": "{% $states.result %}"}]),
        each(Items="{% $states.result %}"),
    ],
)
def test_elsewhere_the_result_and_the_error_are_refused(state: dict[str, Any]) -> None:
    ((_, message, _),) = only(state)
    assert "which is not there" in message


def test_a_definition_that_computes_the_name_of_the_member_is_left_to_run_time() -> None:
    assert only({**PASS, "Output": "{% $lookup($states, 'result') %}"}) == []


_SYNC = "arn:aws:states:::states:startExecution.sync:2"


_ONLY_STANDARD = pytest.mark.parametrize(
    ("state", "message", "path"),
    [
        (task(Resource=_SYNC), "Express state machine does not support '.sync' service integration", "Resource"),
        (
            task(Resource=f"{LAMBDA}.waitForTaskToken"),
            "Express state machine does not support '.waitForTaskToken' service integration",
            "Resource",
        ),
        (
            task(Resource="arn:aws:states:us-east-1:000000000000:activity:a"),
            "Express state machine does not support Activity ARN",
            "Resource",
        ),
        (
            distributed(),
            "Express state machine does not support a Map state in DISTRIBUTED mode",
            "ItemProcessor/ProcessorConfig/Mode",
        ),
    ],
)


@_ONLY_STANDARD
def test_an_express_machine_waits_for_nobody(state: dict[str, Any], message: str, path: str) -> None:
    assert only(state) == []
    assert only(state, express=True) == [("SCHEMA_VALIDATION_FAILED", message, f"/States/A/{path}")]


@_ONLY_STANDARD
def test_nor_do_express_children_of_a_distributed_map(state: dict[str, Any], message: str, path: str) -> None:
    def children(kind: str) -> dict[str, Any]:
        inner = {"StartAt": "B", "States": {"B": state}}
        return each(ItemProcessor={"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind}, **inner})

    assert only(children("STANDARD")) == []
    below = f"/States/A/ItemProcessor/States/B/{path}"
    assert only(children("EXPRESS")) == [("SCHEMA_VALIDATION_FAILED", message, below)]


def test_paths_that_mean_nothing_are_warnings() -> None:
    states = {
        "A": {"Type": "Pass", "Result": {"x": "$.y"}, "Assign": {"x": "States.UUID()", "price": "$5"}, "Next": "B"},
        "B": {"Type": "Fail", "Error": "$.error", "Cause": "$"},
    }
    definition = {"StartAt": "A", "States": states}
    assert [(each.severity, each.code, each.path) for each in asl.diagnose(definition)] == [
        ("WARNING", "NO_DOLLAR", "/States/A/Assign/x"),
        ("WARNING", "PASS_RESULT_IS_STATIC", "/States/A/Result"),
        ("WARNING", "NO_PATH", "/States/B/Error"),
        ("WARNING", "NO_PATH", "/States/B/Cause"),
    ]
    asl.load(definition)


def test_the_message_of_create_names_code_words_and_place_of_each() -> None:
    with pytest.raises(asl.DefinitionError) as refused:
        asl.load(jsonata({"A": {"Type": "Pass", "Next": "B"}, "C": PASS}))
    assert refused.value.in_aws_words() == (
        "Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next'"
    )
