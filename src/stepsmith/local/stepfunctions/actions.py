"""The table of actions: the name in `X-Amz-Target: AWSStepFunctions.NAME`, and the function that answers.

An action of the service model that has no row here is answered as one that is not here yet; a name that the model does
not know is an UnknownOperationException. One module a noun; see api.py for what an action gets and gives.
"""

from collections.abc import Mapping

from .api import Action

ACTIONS: Mapping[str, Action] = {}
