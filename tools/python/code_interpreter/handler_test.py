"""Cells of a run through the real handler and the real sandbox of this machine."""

from __future__ import annotations

import pytest

from stepsmith.objects import Objects
from stepsmith.tool import ToolError

from . import handler, prepare
from .conftest import Notebook
from .sandbox import Refused
from .store import Cells

PNG = b"\x89PNG\r\n\x1a\n"


def test_cells_share_variables_functions_and_imports(notebook: Notebook) -> None:
    notebook.cell("import math\nr = 2\ndef area(): return math.pi * r * r")
    assert notebook.cell("r = 1\nround(area(), 2)").value == "3.14"


def test_output_and_errors_come_in_the_order_they_were_written(notebook: Notebook) -> None:
    code = "import os, sys\nprint('one')\nprint('two', file=sys.stderr)\nos.system('echo three')\nprint('four')"
    assert notebook.cell(code).output == "one\ntwo\nthree\nfour\n"


def test_an_error_keeps_what_was_done_before_it(notebook: Notebook) -> None:
    failed = notebook.cell("x = 5\nprint('before')\n1 / 0\nx = 6")
    assert failed.is_error
    assert failed.output == "before\n"
    assert failed.error.endswith("ZeroDivisionError: division by zero")
    assert '"<cell 1>", line 3' in failed.error
    assert notebook.cell("x").value == "5"


def test_a_repeated_call_is_not_applied_twice_and_answers_the_same(notebook: Notebook) -> None:
    notebook.cell("n = 0")
    first = notebook.cell("import random\nn += 1\nn, random.random()", effect_id="same")
    assert notebook.cell("import random\nn += 1\nn, random.random()", effect_id="same") == first
    assert notebook.cell("n").value == "1"


def test_a_call_of_a_cell_before_the_last_is_answered_from_the_log(notebook: Notebook) -> None:
    first = notebook.cell("n = 1\nn", effect_id="first")
    notebook.cell("n = 2\nn", effect_id="second")
    assert notebook.cell("n = 1\nn", effect_id="first") == first
    assert notebook.cell("n").value == "2"


def test_of_two_attempts_of_one_call_the_first_to_commit_decides(notebook: Notebook) -> None:
    """The second attempt began before the first had committed, as after a timeout of the network."""
    cells = Cells.look(notebook.objects, notebook.artifacts)
    call = notebook.call("same")
    first = notebook.cell("import random\nx = random.random()\nx", effect_id="same")
    late = handler._run(cells, "import random\nx = random.random()\nx", call)
    assert late.document["value"] == first.value == notebook.cell("x").value


def test_a_cell_that_lost_against_another_says_so(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = Cells.look(notebook.objects, notebook.artifacts)
    notebook.cell("x = 1")
    monkeypatch.setattr(Cells, "look", lambda objects, artifacts: empty)
    with pytest.raises(ToolError, match="Another cell of this run ended first"):
        handler.execute({"code": "x = 2"}, notebook.call("ghost"))


def test_what_could_not_be_kept_is_named(notebook: Notebook) -> None:
    result = notebook.cell("x = 1\nfile = open('/proc/self/stat')\nnumbers = (n for n in [1])")
    assert result.not_kept == {
        "file": "TextIOWrapper: an open file ends with its cell",
        "numbers": "generator: cannot pickle 'generator' object",
    }
    assert notebook.cell("x").value == "1"
    assert "name 'file' is not defined" in notebook.cell("file").error


def test_files_of_the_working_folder_are_there_in_the_next_cell(notebook: Notebook) -> None:
    notebook.cell("import os\nos.mkdir('out')\nopen('out/a.txt', 'w').write('hello')")
    assert notebook.cell("open('out/a.txt').read()").value == "'hello'"
    notebook.cell("import os\nos.remove('out/a.txt')")
    assert notebook.cell("open('out/a.txt')").is_error


def test_files_that_a_cell_wrote_are_handed_over_once(notebook: Notebook) -> None:
    first = notebook.cell("open('table.csv', 'w').write('a,b\\n')\nNone")
    assert first.document["files"] == ["table.csv"]
    assert first.files == {"table.csv": b"a,b\n"}
    assert notebook.cell("1").files == {}


def test_results_of_other_tools_are_read_by_name(notebook: Notebook) -> None:
    notebook.artifact("execute_sql_query-1a2b3c4d.csv", b"team,wins\nNYA,98\n")
    code = "import pandas as pd\npd.read_csv('execute_sql_query-1a2b3c4d.csv').wins.sum().item()"
    result = notebook.cell(code)
    assert result.value == "98"
    assert result.files == {}


def test_a_chart_is_a_picture_named_for_its_title(notebook: Notebook) -> None:
    result = notebook.cell(
        "import pandas as pd\npd.DataFrame({'wins': [1, 2]}).plot.bar(title='Wins per million')\n"
        "import matplotlib.pyplot as plt\nplt.show()"
    )
    assert result.charts == result.pictures == ["wins_per_million.png"]
    assert result.files["wins_per_million.png"].startswith(PNG)
    assert result.output == ""
    assert notebook.cell("1").charts is None


def test_a_chart_needs_no_list_of_fonts_made_in_the_sandbox(notebook: Notebook) -> None:
    code = "import os, matplotlib.font_manager\nsorted(os.listdir(os.environ['MPLCONFIGDIR']))"
    assert notebook.cell(code).value == str(sorted(prepare.fonts()))


def test_a_png_that_is_none_is_a_file_and_no_picture(notebook: Notebook) -> None:
    result = notebook.cell("open('fake.png', 'wb').write(b'not a picture')\nNone")
    assert (result.pictures, list(result.files)) == ([], ["fake.png"])


def test_control_sequences_are_data(notebook: Notebook) -> None:
    assert notebook.cell("print('\\x1b[31mred\\x1b]0;title\\x07')").output == "\x1b[31mred\x1b]0;title\x07\n"


def test_long_output_keeps_its_beginning_and_end(notebook: Notebook) -> None:
    output = notebook.cell("print('first'); print('x' * 100_000); print('last')").output
    assert output.startswith("first\n")
    assert output.endswith("last\n")
    assert "characters left out" in output
    assert len(output) < 32 * 1024


def test_the_last_time_is_the_calls_deadline(notebook: Notebook) -> None:
    result = notebook.cell("x = 1\nwhile True: pass", seconds=6.5)
    assert "ran for" in result.error
    assert result.state == "Variables and files are as before this cell."


def test_a_cell_that_was_stopped_leaves_the_state_as_before(notebook: Notebook) -> None:
    notebook.cell("x = 1")
    notebook.cell("x = 2\nwhile True: pass", seconds=6.5)
    assert notebook.cell("x").value == "1"


def test_state_that_cannot_be_restored_is_said_and_the_cell_runs(notebook: Notebook) -> None:
    notebook.cell(
        "class Odd:\n    def __setstate__(self, state): raise RuntimeError('no way back')\nodd = Odd(); odd.x = 1"
    )
    result = notebook.cell("1 + 1")
    assert result.value == "2"
    assert "no way back" in result.state


def test_where_no_sandbox_is_to_be_had_no_code_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare, "where", lambda: Refused("No sandbox here."))
    with pytest.raises(ToolError, match=r"No sandbox here\."):
        handler.execute({"code": "x"}, Notebook().call("a"))


def test_nothing_of_one_run_is_in_another(notebook: Notebook) -> None:
    objects: Objects = notebook.objects
    notebook.cell("secret = 42\nopen('secret.txt', 'w').write('42')")
    other = Notebook("other", objects)
    assert other.cell("import os\nos.listdir('.'), 'secret' in globals()").value == "([], False)"
