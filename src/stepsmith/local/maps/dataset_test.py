"""Data sets of S3: read once, recorded, batched; whatever becomes of the object, the Map Run has its items."""

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from stepsmith.local import Runtime, VirtualClock
from stepsmith.local.conftest import OpenRuntime, chain
from stepsmith.local.maps.conftest import BUCKET, WAIT, M, children, distributed, put, reader
from stepsmith.local.maps.run import READ_A_TURN
from stepsmith.local.store import Ending

pytestmark = pytest.mark.asyncio

LISTING = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Arguments": {"Bucket": BUCKET, "Prefix": "in/"}}
ITEM = "{% $states.context.Map.Item %}"


async def ran(runtime: Runtime, *states: dict[str, Any], **fields: Any) -> Ending:
    return await runtime.start(M, chain(distributed(*states, **fields)), {"bucket": BUCKET}).wait()


@pytest.mark.parametrize(
    ("key", "text", "config", "items"),
    [
        ("a.json", b'[{"n": 1}, 2]', {"InputType": "JSON"}, [{"n": 1}, 2]),
        ("a.json", b'{"x": {"y": [1, 2, 3]}}', {"InputType": "JSON", "ItemsPointer": "/x/y", "MaxItems": 2}, [1, 2]),
        ("a.jsonl", b"1\n2\n", {"InputType": "JSONL", "MaxItems": "{% 1 %}"}, [1]),
        ("a.csv", b"n\n1\n2\n", {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}, [{"n": "1"}, {"n": "2"}]),
    ],
)
async def test_an_object_is_read_as_its_type_says(
    open_runtime: OpenRuntime, key: str, text: bytes, config: dict[str, Any], items: list[Any]
) -> None:
    runtime = await open_runtime()
    put(runtime.objects, key, text)
    read = {**reader(key, "JSON"), "ReaderConfig": config}
    read["Arguments"] = {"Bucket": "{% $states.input.bucket %}", "Key": key}
    assert (await ran(runtime, ItemReader=read)).result == items


async def test_a_selector_sees_where_an_item_comes_from_and_its_key(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    put(runtime.objects, "a.json", b'{"x": 1}')
    ending = await ran(runtime, ItemReader=reader("a.json", "JSON"), ItemSelector={"item": ITEM})
    assert ending.result == [{"item": {"Index": 0, "Key": "x", "Value": 1, "Source": f"S3://{BUCKET}/a.json"}}]


async def test_the_items_of_a_listing_are_its_objects(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    for key in ("in/b", "in/a", "out/c"):
        put(runtime.objects, key, key.encode())
    found = (await ran(runtime, ItemReader=LISTING)).result
    assert [(each["Key"], each["Size"], each["StorageClass"]) for each in found] == [
        ("in/a", 4, "STANDARD"),
        ("in/b", 4, "STANDARD"),
    ]
    about = runtime.objects.find(BUCKET, "in/a")
    assert (found[0]["Etag"], found[0]["LastModified"]) == (f'"{about.about.etag}"', int(about.modified))
    limited = {**LISTING, "ReaderConfig": {"MaxItems": 1}}
    selected = await ran(runtime, ItemReader=limited, ItemSelector="{% $states.context.Map.Item.Source %}")
    assert selected.result == [f"S3://{BUCKET}"]


async def test_a_listing_may_be_loaded_and_its_items_are_what_the_objects_hold(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    for key, text in (("in/b.jsonl", b"3\n"), ("in/a.jsonl", b"1\n2\n"), ("in/none/", b"")):
        put(runtime.objects, key, text)
    loading = {**LISTING, "ReaderConfig": {"InputType": "JSONL", "Transformation": "LOAD_AND_FLATTEN", "MaxItems": 3}}
    selector = "{% [$states.context.Map.Item.Value, $states.context.Map.Item.Source] %}"
    ending = await ran(runtime, ItemReader=loading, ItemSelector=selector)
    a, b = f"S3://{BUCKET}/in/a.jsonl", f"S3://{BUCKET}/in/b.jsonl"
    assert ending.result == [[1, a], [2, a], [3, b]]


async def test_an_inventory_is_the_objects_that_its_files_list(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    put(runtime.objects, "inv/1.csv.gz", gzip.compress(b'"b","k 1","3"\n"b","k2","4"\n'))
    manifest = {
        "sourceBucket": "b",
        "destinationBucket": f"arn:aws:s3:::{BUCKET}",
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, Size",
        "files": [{"key": "inv/1.csv.gz"}],
    }
    put(runtime.objects, "inv/manifest.json", json.dumps(manifest).encode())
    ending = await ran(runtime, ItemReader=reader("inv/manifest.json", "MANIFEST", ManifestType="S3_INVENTORY"))
    assert ending.result == [{"Bucket": "b", "Key": "k 1", "Size": "3"}, {"Bucket": "b", "Key": "k2", "Size": "4"}]


@pytest.mark.parametrize(
    ("read", "words"),
    [
        (reader("none.json", "JSON"), "NoSuchKey"),
        ({**LISTING, "Arguments": {"Bucket": "nowhere"}}, "NoSuchBucket"),
        ({**LISTING, "Arguments": "{% {'Bucket': 'b', 'MaxKeys': '1'} %}"}, "'MaxKeys' is not supported"),
        (
            {**reader("a", "JSON"), "Arguments": {"Bucket": BUCKET, "Key": "bad.json", "VersionId": "3HL4"}},
            "NoSuchVersion",
        ),
        ({**LISTING, "Arguments": "{% {'Bucket': 7} %}"}, "The value for the field 'Bucket' must be a STRING"),
        (reader("bad.json", "JSON"), "is no JSON"),
        (reader("bad.json", "MANIFEST"), "is no JSON"),
        (reader("list.json", "MANIFEST"), "not that of an S3 inventory"),
    ],
)
async def test_items_that_cannot_be_read_fail_the_map_run(
    open_runtime: OpenRuntime, read: dict[str, Any], words: str
) -> None:
    runtime = await open_runtime()
    put(runtime.objects, "bad.json", b"{")
    put(runtime.objects, "list.json", b"[]")
    run = runtime.start(M, chain(distributed(ItemReader=read)), {})
    ending = await run.wait()
    assert ending.result["Error"] == "States.ItemReaderFailed" and words in ending.result["Cause"]
    types = [event.type for event in runtime.history(run.name)]
    assert types[2:] == ["MapStateStarted", "MapRunStarted", "MapRunFailed", "MapStateFailed", "ExecutionFailed"]


async def test_a_redrive_reads_what_could_not_be_read_before(open_runtime: OpenRuntime, clock: VirtualClock) -> None:
    runtime = await open_runtime()
    run = runtime.start(M, chain(distributed(ItemReader=reader("late.json", "JSON"))), {})
    assert (await run.wait()).status == "FAILED"
    put(runtime.objects, "late.json", b"[1, 2]")
    runtime.executions.redrive(runtime.find(run.name), None)
    await clock.advance(1)
    ending = runtime.ending(run.name)
    assert ending is not None and ending.result == [1, 2]


async def test_a_selector_that_fails_on_an_item_fails_the_map_run(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    put(runtime.objects, "a.json", b'[{"n": 1}, {}]')
    selector = "{% $states.context.Map.Item.Value.n %}"
    ending = await ran(runtime, ItemReader=reader("a.json", "JSON"), ItemSelector=selector)
    assert ending.result["Error"] == "States.QueryEvaluationError"
    assert "returned nothing (undefined)" in ending.result["Cause"] and children(runtime) == []


async def test_an_item_that_is_no_input_of_an_execution_fails_the_map_run(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    put(runtime.objects, "a.json", json.dumps(["x" * 300_000]).encode())
    ending = await ran(runtime, ItemReader=reader("a.json", "JSON"))
    assert ending.result["Error"] == "States.DataLimitExceeded"


async def test_batches_are_bounded_by_number_and_by_bytes(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    put(runtime.objects, "a.json", b'["a", "b", "c", "d", "e"]')
    batcher = {"MaxItemsPerBatch": "{% 2 %}", "BatchInput": {"of": "{% $states.input.bucket %}"}}
    by_number = await ran(runtime, ItemReader=reader("a.json", "JSON"), ItemBatcher=batcher)
    of = {"BatchInput": {"of": BUCKET}}
    assert by_number.result == [{**of, "Items": ["a", "b"]}, {**of, "Items": ["c", "d"]}, {**of, "Items": ["e"]}]
    least = len('{"Items":["a","b","c"]}')
    for size, batches in ((least, [3, 2]), (least - 1, [2, 2, 1]), (1, [1, 1, 1, 1, 1])):
        by_bytes = await ran(runtime, ItemReader=reader("a.json", "JSON"), ItemBatcher={"MaxInputBytesPerBatch": size})
        assert [len(each["Items"]) for each in by_bytes.result] == batches
    assert {row.source.items for row in children(runtime)} == {1, 2, 3}


async def test_a_failure_counts_for_every_item_of_its_batch(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    fails = {"Type": "Pass", "Output": "{% 'c' in $states.input.Items ? $error('c') : $states.input %}"}
    batched = {"Items": ["a", "b", "c", "d"], "ItemBatcher": {"MaxItemsPerBatch": 2}}
    tolerant = await ran(runtime, fails, ToleratedFailurePercentage=50, **batched)
    assert tolerant.result == [{"Items": ["a", "b"]}]
    strict = await ran(runtime, fails, ToleratedFailurePercentage=49.9, **batched)
    assert strict.result["Error"] == "States.ExceedToleratedFailureThreshold"


async def test_what_was_read_stays_though_the_object_changes(tmp_path: Path, clock: VirtualClock) -> None:
    """Half of the children have ended when the process dies; the object is another one when the next begins."""
    machine = chain(distributed(WAIT, ItemReader=reader("a.json", "JSON"), MaxConcurrency=1))
    async with Runtime(tmp_path, clock=clock) as runtime:
        put(runtime.objects, "a.json", b"[1, 2]")
        run = runtime.start(M, machine, {})
        await clock.advance(61)
        assert sorted(row.status for row in children(runtime)) == ["RUNNING", "SUCCEEDED"]
    async with Runtime(tmp_path, clock=clock) as runtime:
        runtime.objects.delete(BUCKET, "a.json")
        resumed = runtime.resume(run.name)
        await clock.advance(61)
        assert (await resumed.wait()).result == [1, 2]
        assert runtime.map_runs.records.inputs(runtime.map_runs.records.get(map_run_of(runtime)), -1, 9) == []


async def test_a_data_set_of_which_a_part_was_recorded_is_read_anew(tmp_path: Path, clock: VirtualClock) -> None:
    machine = chain(distributed(ItemReader=reader("a.jsonl", "JSONL"), ItemBatcher={"MaxItemsPerBatch": 2}))
    lines = list(range(3 * READ_A_TURN))
    async with Runtime(tmp_path, clock=clock) as runtime:
        put(runtime.objects, "a.jsonl", b"".join(b"%d\n" % n for n in lines))
        run = runtime.start(M, machine, {})
        records = runtime.map_runs.records
        while not (record := records.running()) or records.read_so_far(record[0])[0] == 0:
            await asyncio.sleep(0)
        assert record[0].children is None and records.read_so_far(record[0]) == (READ_A_TURN // 2, READ_A_TURN)
    async with Runtime(tmp_path, clock=clock) as runtime:
        ending = await runtime.resume(run.name).wait()
        assert [n for batch in ending.result for n in batch["Items"]] == lines


def map_run_of(runtime: Runtime) -> str:
    (arn,) = {row.source.map_run for row in children(runtime)}
    assert arn is not None
    return arn
