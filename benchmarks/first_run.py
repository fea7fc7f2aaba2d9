"""From a fresh clone with an empty cache to the answer of `./stepsmith run sql`, and the same call again.

    python benchmarks/first_run.py [AGAIN]

Clones this repository's HEAD into a temporary folder, with a cache of its own. AGAIN (default 5) is how often the
second call is repeated. Only package registries are asked for anything. The launcher's own share is
`stepsmith --help` against the bare interpreter's start.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1]


def timed(command: Sequence[str | Path], environment: Mapping[str, str], folder: Path) -> tuple[float, str]:
    """Seconds and standard output. Raises CalledProcessError."""
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True)
    return time.perf_counter() - began, done.stdout


def main(again: int) -> None:
    with tempfile.TemporaryDirectory(prefix="stepsmith first run ") as folder:
        clone, cache = Path(folder, "clone"), Path(folder, "cache")
        subprocess.run(["git", "clone", "--quiet", SOURCE, clone], check=True)
        kept = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
        environment = {**kept, "STEPSMITH_CACHE": str(cache)}
        command = ["./stepsmith", "run", "sql", "--json"]
        first, output = timed(command, environment, clone)
        answers = [timed(command, environment, clone) for _ in range(again)]
        assert all(json.loads(each)["output"] == json.loads(output)["output"] for _, each in answers)
        helps = [timed(["./stepsmith", "--help"], environment, clone)[0] for _ in range(again)]
        python = next((cache / "environments").glob("python-*/bin/python"))
        bare = [timed([python, "-c", "pass"], environment, clone)[0] for _ in range(again)]
        megabytes = sum(each.stat().st_size for each in cache.rglob("*") if each.is_file()) / 1e6
    print(f"fresh clone to the answer       {first:6.1f} s   (target 90)")
    print(f"again, median of {again}              {statistics.median(each for each, _ in answers):6.2f} s   (target 4)")
    print(f"--help, median                  {statistics.median(helps):6.2f} s")
    print(f"python -c pass, median          {statistics.median(bare):6.2f} s")
    print(
        f"the launcher and --help add     {statistics.median(helps) - statistics.median(bare):6.2f} s   (target 0.15)"
    )
    print(f"the cache holds                 {megabytes:6.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
