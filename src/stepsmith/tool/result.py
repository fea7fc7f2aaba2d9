"""An answer as a `tool_result` within the call's budget.

The budget, `max_result_bytes`, is counted as the result is sent: UTF-8 bytes of its JSON. Pictures and files always go
to the artifact store and cost a reference. What remains is shared by the texts, in order. A text over its share goes
to the store whole, as a file titled ``<tool>.txt`` or ``<tool>.json``; in its place stand a preview, the size and the
URI. So whoever needs the whole reads the file of that title, where there is one, instead of the text.
"""

from __future__ import annotations

from stepsmith import contracts
from stepsmith.contracts import ResultBlock, Text, ToolResult
from stepsmith.contracts.budgets import fitting, json_bytes

from .answer import Answer, File, Part, Parts, Picture, Rows
from .call import Call
from .plain import to_json, unicode
from .table import page, whole

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"


def tool_result(call: Call, answer: Answer, *, is_error: bool = False) -> ToolResult:
    """The result of `call`, its parts stored and cut as the budget wants. Raises what the artifact store raises."""
    parts = answer.parts if isinstance(answer, Parts) else (answer,)
    store = _Store(call)
    blocks: list[list[ResultBlock]] = [store.kept(part) for part in parts]
    room = call.max_result_bytes - _size(call, [each for kept in blocks for each in kept])
    texts = [index for index, part in enumerate(parts) if not isinstance(part, Picture | File)]
    for position, index in enumerate(texts):
        told = store.told(parts[index], room // (len(texts) - position))
        room -= sum(json_bytes(block.to_json()) + 1 for block in told)
        blocks[index] = told + blocks[index]
    return ToolResult(call.id, call.name, tuple(each for group in blocks for each in group), is_error)


class _Store:
    """Keeps the parts of one answer: each name once."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.names: set[str] = set()

    def kept(self, part: Part) -> list[ResultBlock]:
        """The references that a part needs whatever its text is."""
        match part:
            case Picture():
                uri = self.put(part.name, part.data, part.media_type)
                return [contracts.Image(uri, part.media_type, part.name)]
            case File():
                return [self.file(part.name, part.data, part.media_type)]
            case Rows():
                return [each for file in part.files for each in self.kept(file)]
            case _:
                return []

    def told(self, part: Part, room: int) -> list[ResultBlock]:
        """A part's text in at most `room` bytes, and its file where it does not fit."""
        match part:
            case Rows():
                return self.table(part, room)
            case str():
                return self.text(unicode(part), "txt", TEXT, room)
            case _:
                return self.text(to_json(part), "json", JSON, room)

    def text(self, text: str, suffix: str, media_type: str, room: int) -> list[ResultBlock]:
        if json_bytes(Text(text).to_json()) <= room:
            return [Text(text)]
        data = text.encode()
        file = self.file(f"{self.call.name}.{suffix}", data, media_type)
        note = f"\n\n[Cut here: this text has {len(data):,} bytes. All of it is in {file.uri}]"
        left = room - json_bytes(file.to_json()) - json_bytes(Text(note).to_json())
        return [Text(fitting(text, left) + note), file]

    def table(self, table: Rows, room: int) -> list[ResultBlock]:
        names = [self.call.place(file.name).name for file in table.files]
        facts = {**table.facts, **({"files": names} if names else {})}
        first = page(table, facts, room)
        if first.complete:
            return [Text(first.text)]
        file = self.file(f"{self.call.name}.json", whole(table, facts).encode(), JSON)
        shown = page(table, {**facts, "all_rows": file.uri}, room - json_bytes(file.to_json()))
        return [Text(shown.text), file]

    def file(self, name: str, data: bytes, media_type: str) -> contracts.File:
        return contracts.File(self.put(name, data, media_type), media_type, name)

    def put(self, name: str, data: bytes, media_type: str) -> str:
        at = self.call.place(name)
        if at.name in self.names:
            raise ValueError(f"Two files of one answer are called {name!r}; give each its own name.")
        self.names.add(at.name)
        self.call.objects.put(at, data, media_type)
        return str(at)


def _size(call: Call, blocks: list[ResultBlock]) -> int:
    return json_bytes(ToolResult(call.id, call.name, tuple(blocks)).to_json())
