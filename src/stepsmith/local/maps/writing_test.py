"""The files of a ResultWriter, and results that stay with the state."""

from typing import Any

import pytest

from stepsmith.local import Runtime, VirtualClock
from stepsmith.local.conftest import OpenRuntime, call, chain
from stepsmith.local.maps.conftest import BUCKET, WAIT, M, children, distributed, put, writer, written
from stepsmith.local.store import Ending

pytestmark = pytest.mark.asyncio

FAILS_AT_2 = {"Type": "Pass", "Output": "{% $states.input = 2 ? $error('two') : [$states.input, 0] %}"}


async def ran(runtime: Runtime, *states: dict[str, Any], items: list[Any], **fields: Any) -> Ending:
    runtime.objects.create(BUCKET)
    return await runtime.start(M, chain(distributed(*states, **fields)), items).wait()


def folder(runtime: Runtime) -> str:
    (arn,) = {row.source.map_run for row in children(runtime)}
    return f"out/{str(arn).rpartition(':')[2]}"


async def test_results_are_files_that_a_manifest_lists(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    fields = {"ResultWriter": writer(), "ToleratedFailureCount": 1}
    ending = await ran(runtime, FAILS_AT_2, items=[1, 2, 3], **fields)
    there = folder(runtime)
    (arn,) = {row.source.map_run for row in children(runtime)}
    details = {"Bucket": BUCKET, "Key": f"{there}/manifest.json"}
    assert ending.result == {"MapRunArn": arn, "ResultWriterDetails": details}
    manifest = written(runtime, f"{there}/manifest.json")
    files = manifest.pop("ResultFiles")
    assert manifest == {"DestinationBucket": BUCKET, "MapRunArn": arn}
    sizes = {key: runtime.objects.find(BUCKET, f"{there}/{key}_0.json").size for key in ("FAILED", "SUCCEEDED")}
    assert files == {
        "FAILED": [{"Key": f"{there}/FAILED_0.json", "Size": sizes["FAILED"]}],
        "PENDING": [],
        "SUCCEEDED": [{"Key": f"{there}/SUCCEEDED_0.json", "Size": sizes["SUCCEEDED"]}],
    }


async def test_a_result_describes_its_child_with_input_and_output_as_texts(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    await ran(runtime, FAILS_AT_2, items=[1, 2], ResultWriter=writer("out/"), ToleratedFailureCount=1)
    (good,) = written(runtime, f"{folder(runtime)}/SUCCEEDED_0.json")
    (bad,) = written(runtime, f"{folder(runtime)}/FAILED_0.json")
    row = next(row for row in children(runtime) if row.status == "SUCCEEDED")
    assert (good["ExecutionArn"], good["StateMachineArn"], good["Name"]) == (row.arn, f"{M}/rows", row.name)
    assert (good["Input"], good["Output"], good["Status"]) == ("1", "[1,0]", "SUCCEEDED")
    assert (good["RedriveCount"], good["RedriveStatus"]) == (0, "NOT_REDRIVABLE")
    assert good["StartDate"] == good["StopDate"] == "2023-11-14T22:13:20Z"
    assert (bad["Input"], bad["Status"], bad["Error"]) == ("2", "FAILED", "States.QueryEvaluationError")
    assert "Output" not in bad and "two" in bad["Cause"]


@pytest.mark.parametrize(
    ("transformation", "type", "text"),
    [
        ("COMPACT", "JSON", b"[[1,0],[3,0]]"),
        ("FLATTEN", "JSON", b"[1,0,3,0]"),
        ("FLATTEN", "JSONL", b"1\n0\n3\n0\n"),
    ],
)
async def test_outputs_alone_are_written_as_the_config_says(
    open_runtime: OpenRuntime, transformation: str, type: str, text: bytes
) -> None:
    runtime = await open_runtime()
    config = writer(Transformation=transformation, OutputType=type)
    await ran(runtime, FAILS_AT_2, items=[1, 2, 3], ResultWriter=config, ToleratedFailureCount=1)
    _, file = runtime.objects.open(BUCKET, f"{folder(runtime)}/SUCCEEDED_0.{type.lower()}")
    with file:
        assert file.read() == text


async def test_a_config_alone_shapes_the_result_of_the_state(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    flat = {"WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSON"}}
    assert (await ran(runtime, FAILS_AT_2, items=[1, 3], ResultWriter=flat)).result == [1, 0, 3, 0]
    whole = {"WriterConfig": {"Transformation": "NONE", "OutputType": "JSON"}}
    (described,) = (await ran(runtime, FAILS_AT_2, items=[1], ResultWriter=whole)).result
    assert (described["Input"], described["Output"]) == ("1", "[1,0]")


async def test_no_results_are_files_too(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    ending = await ran(runtime, items=[], ResultWriter=writer())
    manifest = written(runtime, ending.result["ResultWriterDetails"]["Key"])
    assert manifest["ResultFiles"] == {"FAILED": [], "PENDING": [], "SUCCEEDED": []}


async def test_what_a_failed_map_run_did_not_begin_is_written_as_pending(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    ending = await ran(runtime, FAILS_AT_2, items=[1, 2, 3], ResultWriter=writer(), MaxConcurrency=1)
    assert ending.result["Error"] == "States.ExceedToleratedFailureThreshold"
    assert written(runtime, f"{folder(runtime)}/PENDING_0.json") == [
        {"Input": "3", "InputDetails": {"Included": True}, "Status": "PENDING"}
    ]


async def test_a_map_run_that_is_stopped_writes_what_there_is(open_runtime: OpenRuntime, clock: VirtualClock) -> None:
    runtime = await open_runtime()
    put(runtime.objects, "a", b"")
    run = runtime.start(M, chain(distributed(WAIT, ResultWriter=writer(), MaxConcurrency=1)), [1, 2])
    await clock.advance(1)
    run.stop()
    await clock.advance(1)
    (failed,) = written(runtime, f"{folder(runtime)}/FAILED_0.json")
    assert (failed["Input"], failed["Status"]) == ("1", "ABORTED")
    assert len(written(runtime, f"{folder(runtime)}/PENDING_0.json")) == 1
    (record,) = runtime.map_runs.records.of_execution(run.arn, 9, None)
    assert (record.status, record.is_written) == ("ABORTED", True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"Bucket": "nowhere"}, "nowhere"),
        ("{% {'Bucket': 7} %}", "The value for the field 'Bucket' must be a STRING"),
        ("{% {'Prefix': 'p'} %}", "The field 'Bucket' is required but was missing"),
    ],
)
async def test_results_that_cannot_be_written_fail_the_map_run(
    open_runtime: OpenRuntime, clock: VirtualClock, arguments: Any, words: str
) -> None:
    runtime = await open_runtime()
    config = {"Resource": "arn:aws:states:::s3:putObject", "Arguments": arguments}
    ending = await ran(runtime, items=[1], ResultWriter=config)
    assert ending.result["Error"] == "States.ResultWriterFailed" and words in ending.result["Cause"]


async def test_a_redrive_after_a_failed_writer_writes_and_runs_nothing_again(
    open_runtime: OpenRuntime, clock: VirtualClock
) -> None:
    called = list[int]()

    def note(n: int) -> int:
        called.append(n)
        return n

    runtime = await open_runtime({"note": note})
    config = {"Resource": "arn:aws:states:::s3:putObject", "Arguments": {"Bucket": "later"}}
    run = runtime.start(M, chain(distributed(call("note"), ResultWriter=config)), [1, 2])
    assert (await run.wait()).status == "FAILED"
    runtime.objects.create("later")
    runtime.executions.redrive(runtime.find(run.name), None)
    await clock.advance(1)
    ending = runtime.ending(run.name)
    assert ending is not None and ending.status == "SUCCEEDED" and called == [1, 2]
