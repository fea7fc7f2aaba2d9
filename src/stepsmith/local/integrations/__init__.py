"""What a Task may call: one module per service, and one table.

    table         which resource is performed how
    aws_lambda    `lambda:invoke`, with or without a token, and a function's own ARN
    activities    an activity's ARN: the task waits for a worker
    sdk           `aws-sdk:<service>:<action>`, with or without a token: calls of AWS's APIs, served by this endpoint
    optimised     DynamoDB, SNS, SQS and EventBridge in the forms that Step Functions optimises
    apis, arguments, results, failures    such a call by the service's model, with the names that a state sees
    door          how its request reaches the endpoint, signed as the machine's role
    (nested.py)   `states:startExecution`, `.sync`, `.sync:2`

Every integration begins a task by `perform`, and takes it up after a crash by `recover`: a call of Lambda or another
API has an unknown outcome and fails as AWS's client would report it, so that the machine's own Retry and Catch decide;
what only reads is asked again; tokens, activities and children stay what they were.
"""

from stepsmith.local.integrations.table import Integrations

__all__ = ["Integrations"]
