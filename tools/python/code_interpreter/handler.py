"""Runs a model's Python in a sandbox, one cell a call; cells of a run share state although each is a new process.

look at the log of the run's cells (store)        a call that ran already is answered from it
choose a sandbox (prepare, sandbox)               without one, no code runs
run the cell within bounds (inside, bounded)      nothing of ours is in reach of it (cell)
read what came out (outcome), commit it (state)   then answer
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from stepsmith.tool import Answer, Call, File, Parts, Picture, ToolError, serve
from stepsmith.tool.plain import to_json

from . import inside, prepare, sandbox, state
from .bounded import Bounds
from .cell.terms import FILES, FONTS, VARIABLES
from .inside import LEAVINGS
from .outcome import MAX_ATTACHMENTS, Data, Outcome, outcome
from .sandbox import MIB
from .store import Cells

CELL_SECONDS = 90.0
STORING_SECONDS = 5.0  # Kept back for what comes after the cell.
OUTPUT_BYTES = 1 * MIB
TASKS = 64  # Processes and threads.
INPUT_FILES, INPUT_BYTES = 100, 64 * MIB
REFERENCE_BYTES = 250  # Of one file in a result, at most about.


def execute(input: dict[str, Any], call: Call) -> Answer:
    """Runs `input["code"]` as the next cell of this run. For a cell that fails, the document is a `ToolError`."""
    cells = Cells.look(call.objects, call.artifacts)
    cell = _done(cells, call.effect_id) or _run(cells, input["code"], call)
    if call.effect_id not in cell.effects:
        raise ToolError("Another cell of this run ended first, and nothing of this one was kept. Send it again.")
    if cell.is_error:
        raise ToolError(to_json(cell.document))
    pictures = [Picture(cells.blob(kept.blob), kept.name, kept.media_type) for kept in cell.pictures]
    files = [File(cells.blob(kept.blob), kept.name, kept.media_type) for kept in cell.attachments]
    return Parts((dict(cell.document), *pictures, *files))


def _done(cells: Cells, effect_id: str) -> state.Cell | None:
    last = cells.last()
    number = last.number_of(effect_id) if last else None
    return cells.cell(number) if number else None


def _run(cells: Cells, code: str, call: Call) -> state.Cell:
    where = prepare.where()
    if isinstance(where, sandbox.Refused):
        raise ToolError(where.reason)
    start = state.before(cells.last())
    inputs = state.choose_inputs(cells.data_files(), start.files, code, INPUT_FILES, INPUT_BYTES)
    blobs = _blobs(cells, start, inputs, code)
    bounds = _bounds(call)
    ran = inside.run(where, code, start.number + 1, blobs, bounds)
    came = outcome(ran, bounds, _room(call))
    return cells.commit(_committed(cells, start, came, inputs, call.effect_id))


def _blobs(cells: Cells, start: state.Before, inputs: state.Inputs, code: str) -> dict[str, bytes]:
    """State, files and fonts; a file that a cell has changed hides the artifact of its name."""
    variables = {VARIABLES: cells.blob(start.variables)} if start.variables else {}
    artifacts = {FILES + name: cells.artifact(name) for name in inputs.names if name not in start.files}
    own = {FILES + name: cells.blob(digest) for name, digest in start.files.items()}
    fonts = {FONTS + name: data for name, data in prepare.fonts_for(code).items()}
    return {**variables, **artifacts, **own, **fonts}


def _bounds(call: Call) -> Bounds:
    memory = int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "2048"))
    return Bounds(
        seconds=max(1.0, min(CELL_SECONDS, call.seconds_left() - STORING_SECONDS)),
        memory_bytes=memory * MIB * 5 // 8,
        output_bytes=OUTPUT_BYTES,
        answer_bytes=LEAVINGS.state_bytes * 2 + LEAVINGS.files_bytes + 64 * MIB,
        tasks=TASKS,
    )


def _room(call: Call) -> int:
    """Bytes for the texts of the document: what the references leave, and half of that, for JSON escapes in JSON."""
    return max(1024, (call.max_result_bytes - REFERENCE_BYTES * MAX_ATTACHMENTS) // 2)


def _committed(cells: Cells, start: state.Before, came: Outcome, inputs: state.Inputs, effect_id: str) -> state.Cell:
    """The cell as it goes into the log, its bytes stored."""
    too_large = {"too_large_to_load": list(inputs.too_large)} if inputs.too_large else {}
    return state.Cell(
        number=start.number + 1,
        effects=state.effects_with(start, effect_id),
        variables=start.variables if came.variables is None else cells.keep(came.variables),
        files=start.files if came.changed is None else _files(cells, start, came),
        document={**came.document, **too_large},
        is_error=came.is_error,
        pictures=tuple(_kept(cells, each) for each in came.pictures),
        attachments=tuple(_kept(cells, each) for each in came.attachments),
    )


def _files(cells: Cells, start: state.Before, came: Outcome) -> Mapping[str, str]:
    unchanged = {name: start.files[name] for name in came.unchanged if name in start.files}
    return {**unchanged, **{name: cells.keep(data) for name, data in (came.changed or {}).items()}}


def _kept(cells: Cells, each: Data) -> state.Kept:
    return state.Kept(each.name, each.media_type, cells.keep(each.data))


handler = serve({"execute_python": execute})
