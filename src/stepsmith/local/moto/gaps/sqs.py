"""A queue's redrive policy as it was given: moto adds spaces, and Terraform would take them for a change."""

import json

from moto.core.responses import ActionResult
from moto.sqs.responses import SQSResponse


class Gaps(SQSResponse):
    """See the module."""

    def get_queue_attributes(self) -> ActionResult:
        answer = super().get_queue_attributes()
        attributes = (answer.result or {}).get("Attributes", {})  # type: ignore[attr-defined]  # an object, for moto
        if "RedrivePolicy" in attributes:
            attributes["RedrivePolicy"] = json.dumps(json.loads(attributes["RedrivePolicy"]), separators=(",", ":"))
        return answer
