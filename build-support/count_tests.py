"""Closes a CI run: `count_tests.py REPORTS FAILED_STEP...` counts what Pants' JUnit reports hold.

Prints why each skipped test was skipped, which steps failed, and as the last line `N passed, M failed, K skipped`.
A failed step other than the tests' own counts as one failure more. Exits with 1 when anything failed, or no test ran.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

TESTS = "./pants test ::"


def results(reports: Path) -> Iterator[tuple[str, str]]:
    """Each test's outcome, and why it was skipped."""
    for file in sorted(reports.glob("**/*.xml")):
        for case in ElementTree.parse(file).iter("testcase"):
            yield outcome(case)


def outcome(case: ElementTree.Element) -> tuple[str, str]:
    name = f"{case.get('classname')}.{case.get('name')}"
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed", name
    skipped = case.find("skipped")
    return ("passed", name) if skipped is None else ("skipped", f"{name}: {skipped.get('message')}")


def main(reports: Path, failed_steps: list[str]) -> int:
    found = list(results(reports))
    counts = Counter(result for result, _ in found)
    for result, text in found:
        if result != "passed":
            print(f"{result}: {text}")
    for step in failed_steps:
        print(f"failed step: {step}")
    steps = [step for step in failed_steps if step != TESTS or not counts["failed"]]
    failed = counts["failed"] + len(steps) + (not found)
    print(f"{counts['passed']} passed, {failed} failed, {counts['skipped']} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
