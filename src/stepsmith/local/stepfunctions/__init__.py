"""The Step Functions API (JSON 1.0): thin actions over the runtime and its catalog.

    api        what every action works on
    errors     AWS's codes and words
    shapes     requests checked against botocore's service model
    protocol   a body in, a body out: AWS JSON 1.0
    sdk        the same actions for `aws-sdk:sfn:*` integrations
    actions    the table of actions; the other modules hold them, one module a noun

Nothing here knows HTTP: `stepsmith.local.endpoint` listens, checks who calls, and hands the body over.
"""

from .api import Action, Api
from .errors import ApiError
from .protocol import answer

__all__ = ["Action", "Api", "ApiError", "answer"]
