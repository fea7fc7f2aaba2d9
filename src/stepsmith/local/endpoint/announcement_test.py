"""One endpoint a folder; the file of a killed one is not believed. The killed one is a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from stepsmith.local.endpoint.announcement import Announced, EndpointRuns, announced, running

SERVE = """
import pathlib, sys, time
from stepsmith.local.endpoint.announcement import announced
with announced(pathlib.Path(sys.argv[1])) as announcement:
    announcement.publish("http://127.0.0.1:1")
    print("ready", flush=True)
    time.sleep(60)
"""


def test_an_endpoint_is_found_while_it_runs_and_not_after(tmp_path: Path) -> None:
    assert running(tmp_path) is None
    with announced(tmp_path) as announcement:
        assert running(tmp_path) is None, "it does not listen yet"
        announcement.publish("http://127.0.0.1:1")
        found = running(tmp_path)
        assert found is not None and found.url == "http://127.0.0.1:1"
    assert running(tmp_path) is None
    assert not (tmp_path / "endpoint.json").exists()


def test_a_second_one_is_told_where_the_first_is(tmp_path: Path) -> None:
    with announced(tmp_path) as announcement:
        announcement.publish("http://127.0.0.1:1")
        with (
            pytest.raises(EndpointRuns, match=r"http://127\.0\.0\.1:1 \(process [0-9]+\).*--data"),
            announced(tmp_path),
        ):
            pass


def test_the_file_of_a_killed_endpoint_is_not_believed_and_its_folder_is_free(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", SERVE, tmp_path], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    assert running(tmp_path) == Announced("http://127.0.0.1:1", process.pid)
    process.kill()
    process.wait()
    assert (tmp_path / "endpoint.json").exists()
    assert running(tmp_path) is None
    with announced(tmp_path):
        assert not (tmp_path / "endpoint.json").exists()
