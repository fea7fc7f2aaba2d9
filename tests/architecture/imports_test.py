"""Who may import whom (docs/architecture.md): import-linter's contracts of pyproject.toml, and what it cannot say.

The same rules stand in build-support/macros.py, where `./pants dependencies ::` enforces them; here they are also held
for those who run pytest alone, and each folder is held to have them at all.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = sorted(file.parent for file in ROOT.glob("src/stepsmith/*/__init__.py"))
LEAVES = sorted(file.parent for place in ("tools/python", "llm_callers") for file in ROOT.glob(f"{place}/*/handler.py"))


def name(folder: Path) -> str:
    return folder.relative_to(ROOT).as_posix()


def imported(folder: Path) -> Iterator[str]:
    """The full names of the modules that the folder's sources import."""
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_import_linter_keeps_every_contract(tmp_path):
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT), *sys.path])}
    linted = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize("folder", LAYERS, ids=name)
def test_a_layer_has_its_rule_in_its_build_file(folder):
    assert (folder / "BUILD").read_text().startswith(f'layer("{folder.name}"')


@pytest.mark.parametrize("folder", LEAVES, ids=name)
def test_a_lambda_has_its_rule_in_its_build_file(folder):
    assert (folder / "BUILD").read_text().startswith("python_lambda(")


def test_contracts_import_the_standard_library_only():
    ours = ("stepsmith", *sys.stdlib_module_names)
    tests = ("pytest", "hypothesis", "jsonschema")
    [contracts] = [folder for folder in LAYERS if folder.name == "contracts"]
    assert {full for full in imported(contracts) if full.partition(".")[0] not in (*ours, *tests)} == set()


@pytest.mark.parametrize("folder", LEAVES, ids=name)
def test_a_lambda_imports_no_other_lambda(folder):
    others = {leaf.name if "tools" in name(leaf) else f"llm_callers.{leaf.name}" for leaf in LEAVES if leaf != folder}
    assert {full for full in imported(folder) if any(f"{full}.".startswith(f"{other}.") for other in others)} == set()


def test_there_are_layers_and_lambdas_to_hold_to_the_rules():
    assert {"contracts", "asl", "lambdas", "agent", "local", "cli"} <= {folder.name for folder in LAYERS}
    assert {"db_interface", "code_interpreter", "scripted"} <= {folder.name for folder in LEAVES}
