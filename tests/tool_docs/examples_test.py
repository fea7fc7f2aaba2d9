"""The whole tools of docs/tools.md are what the page says: in a copy of the repository the files of a language's
section are written, its commands and those of all languages are run: the tool is tested, built and called.

Pants runs in the copy as a person would run it; what it made of the same inputs before comes from the person's cache.
"""

import os
import shutil
import signal
import subprocess

import pytest

from stepsmith.cli.settings import read
from tests.tool_docs.page import COMMON, LANGUAGES, ROOT, ROW, commands, write_tool

PLACES = ("3rdparty", "agents", "build-support", "llm_callers", "pants-plugins", "src", "stand_ins", "tools")
FILES = ("BUILD", "conftest.py", "pants", "pants.toml", "stepsmith")
LEFT = shutil.ignore_patterns("__pycache__", "node_modules", "target", "*.zip")
CACHE = read().cache
SHARED = ("cargo", "environments", "pants/caches", "pants/store", "pythons", "tools", "uv")
FOREIGN = ("PANTS_", "PEX_", "PYTHON")

MOST_MB = {"go": 10, "java": 12, "python": 5, "rust": 6, "typescript": 1}
"""Of the zip: what a kit weighs with nothing but a handler."""
ANSWER = '{"words":6,"different":4}'


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A cache of the copy's own, with what costs time to make shared. What Pants leaves running ends with it."""
    cache = tmp_path_factory.mktemp("cache")
    for name in SHARED:
        (CACHE / name).mkdir(parents=True, exist_ok=True)
        (cache / name).parent.mkdir(exist_ok=True)
        (cache / name).symlink_to(CACHE / name)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    yield {**kept, "STEPSMITH_CACHE": str(cache), "NO_COLOR": "1"}
    for pid in cache.glob("pants/processes/**/pantsd/pid"):
        os.kill(int(pid.read_text()), signal.SIGTERM)


@pytest.fixture(scope="module")
def whole_copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("repository") / "checkout"
    for name in PLACES:
        shutil.copytree(ROOT / name, folder / name, ignore=LEFT)
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture
def copy(whole_copy):
    """A copy of the repository, as a fresh clone has it."""
    yield whole_copy
    shutil.rmtree(whole_copy / "tools")
    shutil.copytree(ROOT / "tools", whole_copy / "tools", ignore=LEFT)


def test_there_is_a_section_for_each_language():
    assert list(LANGUAGES) == sorted(["python", *(kit.parent.name for kit in ROOT.glob("tools/*/kit"))])
    assert [language for language, _, _ in ROW.findall(COMMON)] == list(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stranger_gets_from_the_page_to_an_answer(copy, environment, language):
    write_tool(copy, language)
    for line in [*commands(LANGUAGES[language]), *commands(COMMON)]:
        command = line.replace("<language>", language)
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=1500,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    assert done.stdout.strip() == ANSWER
    assert ANSWER in COMMON
    assert (copy / f"dist/tools/{language}/word_count.zip").stat().st_size < MOST_MB[language] * 1_000_000
