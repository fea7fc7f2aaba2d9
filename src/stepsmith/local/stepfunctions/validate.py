"""ValidateStateMachineDefinition: what `asl.diagnose` finds, as much of it as was asked for.

`severity` is the least that is answered (ERROR unless told), `maxResults` how many at most (0 and none are 100);
`truncated` says that there are more. Warnings do not make a definition fail.
"""

from typing import Any

from stepsmith import asl

from .api import Answer, Api

MOST = 100


def validate_state_machine_definition(api: Api, given: dict[str, Any]) -> Answer:
    found = asl.diagnose(given["definition"], express=given.get("type") == "EXPRESS")
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
