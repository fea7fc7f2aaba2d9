"""Cancel marks, and who inherits them."""

from pathlib import Path

from stepsmith.cli.cancelling import Marks

MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:stepsmith-local-"
RUN = "arn:aws:states:us-east-1:000000000000:execution:stepsmith-local-overseer:r1"


def test_a_run_that_begins_for_a_cancelled_one_is_cancelled_and_so_is_the_next_below_it(tmp_path: Path) -> None:
    marks = Marks(tmp_path, {f"{MACHINE}{name}": name for name in ("overseer", "scout", "shop")})
    marks.make(f"{MACHINE}overseer", "r1")
    marks.inherit(RUN, f"{MACHINE}scout", "r2")
    marks.inherit(RUN.replace("overseer:r1", "scout:r2"), f"{MACHINE}shop", "r3")
    marks.inherit(RUN.replace("r1", "another"), f"{MACHINE}shop", "r4")
    found = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("cancel"))
    assert found == ["overseer/r1/cancel", "scout/r2/cancel", "shop/r3/cancel"]
