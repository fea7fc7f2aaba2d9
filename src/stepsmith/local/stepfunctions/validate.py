"""ValidateStateMachineDefinition: what is found wrong, or suspicious, as much of it as was asked for.

`severity` is the least that is answered (ERROR unless told), `maxResults` how many at most (0 and none are 100);
`truncated` says that there are more. Warnings do not make a definition fail.
"""

from typing import Any

from stepsmith import asl
from stepsmith.local.catalog.definition import diagnose

from .api import Answer, Api

MOST = 100


def validate_state_machine_definition(api: Api, given: dict[str, Any]) -> Answer:
    found = diagnose(given["definition"], given.get("type", "STANDARD"))
    errors = [each for each in found if each.severity == "ERROR"]
    wanted = list(found) if given.get("severity") == "WARNING" else errors
    most = given.get("maxResults") or MOST
    return {
        "result": "FAIL" if errors else "OK",
        "diagnostics": [_shown(each) for each in wanted[:most]],
        "truncated": len(wanted) > most,
    }


def _shown(diagnostic: asl.Diagnostic) -> Answer:
    return {
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "location": diagnostic.path or None,
    }
