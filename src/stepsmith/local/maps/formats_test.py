"""CSV, JSON and JSON Lines by the rules of the Developer Guide's page "ItemReader"."""

import io
from typing import Any

import pytest

from stepsmith.asl.distribution import ReaderConfig
from stepsmith.local.maps.formats import Unreadable, entries, pointed

FIRST_ROW = {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}


def items(text: str, **config: Any) -> list[Any]:
    read = list(entries(io.BytesIO(text.encode()), ReaderConfig.model_validate(config)))
    return [value if key is None else (key, value) for key, value in read]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a,b\n1,2\r\n3,4\n", [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]),
        ("a,b\n1\n", [{"a": "1", "b": ""}]),
        ("a\n1,2\n", [{"a": "1"}]),
        ('a,b\n"x, y","1\n2"\n', [{"a": "x, y", "b": "1\n2"}]),
        ('a\n"say ""hi"""\n', [{"a": 'say "hi"'}]),
        ("path,size\nC:\\\\Files\\\\a.exe,6\n", [{"path": "C:\\Files\\a.exe", "size": "6"}]),
        ("a,b\n1\\,2,x\\y\n", [{"a": "1,2", "b": "xy"}]),
        ("\ufeffa\n1\n\n2\n", [{"a": "1"}, {"a": "2"}]),
        ("a,b\n", []),
        ("", []),
    ],
)
def test_rows_of_csv_are_objects_by_their_header(text: str, rows: list[dict[str, str]]) -> None:
    assert items(text, **FIRST_ROW) == rows


@pytest.mark.parametrize(("name", "mark"), [("PIPE", "|"), ("SEMICOLON", ";"), ("SPACE", " "), ("TAB", "\t")])
def test_another_delimiter_and_a_given_header(name: str, mark: str) -> None:
    config = {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["x", "y"], "CSVDelimiter": name}
    assert items(f"1{mark}2\n", **config) == [{"x": "1", "y": "2"}]


def test_json_is_an_array_or_an_object_with_keys() -> None:
    assert items('[1, {"a": 2}]', InputType="JSON") == [1, {"a": 2}]
    assert items('{"a": 1, "b": [2]}', InputType="JSON") == [("a", 1), ("b", [2])]


def test_a_pointer_leads_into_a_json_file() -> None:
    assert items('{"x": [{"y": [7, 8]}]}', InputType="JSON", ItemsPointer="/x/0/y") == [7, 8]
    assert pointed({"a/b": {"~": 1}}, "/a~1b/~0") == 1


def test_json_lines_are_one_item_each() -> None:
    assert items('{"a":1}\n\n[2]\n3', InputType="JSONL") == [{"a": 1}, [2], 3]


@pytest.mark.parametrize(
    ("text", "config", "words"),
    [
        ("7", {"InputType": "JSON"}, "holds int where an array or an object"),
        ("[", {"InputType": "JSON"}, "is no JSON"),
        ('{"a": 1}', {"InputType": "JSON", "ItemsPointer": "/b"}, "nothing at '/b'"),
        ("[[1]]", {"InputType": "JSON", "ItemsPointer": "/-1"}, "nothing at '/-1'"),
        ("[[1]]", {"InputType": "JSON", "ItemsPointer": "/1"}, "nothing at '/1'"),
        ("1\n{", {"InputType": "JSONL"}, "is no JSON"),
        ("a" * 10_241 + "\n1", FIRST_ROW, "larger than 10240 bytes"),
        ("a\n" + "x" * 300_000, FIRST_ROW, "is no CSV file"),
    ],
)
def test_what_is_not_what_it_should_be_is_told(text: str, config: dict[str, Any], words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        items(text, **config)


def test_text_that_is_not_utf_8_is_told() -> None:
    with pytest.raises(Unreadable, match="not UTF-8"):
        list(entries(io.BytesIO(b"a\n\xff"), ReaderConfig.model_validate(FIRST_ROW)))
