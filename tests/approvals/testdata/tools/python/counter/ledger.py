"""Tools that leave a trace: each call is one line of the file LEDGER, so that a test can count what was really done."""

import json
import os
import time
from pathlib import Path
from typing import Any

from stepsmith.tool import Call


def refund(given: dict[str, Any], call: Call) -> str:
    return _done(f"refunded {given['euros']} euros", call)


def look(given: dict[str, Any], call: Call) -> str:
    time.sleep(float(os.environ.get("LOOK_SECONDS", "0")))
    return _done(f"looked at {given['page']}", call)


def _done(what: str, call: Call) -> str:
    with Path(os.environ["LEDGER"]).open("a", encoding="utf-8") as ledger:
        ledger.write(json.dumps({"what": what, "effect_id": call.effect_id}) + "\n")
    return what
