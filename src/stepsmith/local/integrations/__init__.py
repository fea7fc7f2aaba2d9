"""What a Task may call: one module per service, and one table.

    table         which resource is performed how
    aws_lambda    `lambda:invoke`, with or without a token, and a function's own ARN
    activities    an activity's ARN: the task waits for a worker
    sdk           `aws-sdk:<service>:<action>`, with or without a token: calls of AWS's APIs, served on this machine
    (nested.py)   `states:startExecution`, `.sync`, `.sync:2`

Every integration begins a task by `perform`, and takes it up after a crash by `recover`: a Lambda call has an unknown
outcome and fails as AWS's client would report it, so that the machine's own Retry and Catch decide; tokens, activities
and children stay what they were.
"""

from stepsmith.local.integrations.sdk import Action, SdkError
from stepsmith.local.integrations.table import Integrations

__all__ = ["Action", "Integrations", "SdkError"]
