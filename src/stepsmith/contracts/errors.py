"""The errors that cross a Lambda's edge, sorted by who must act.

    ContractError             whoever wrote the JSON: it names the field and what is needed there
    LlmError
    ├── LlmThrottled          nobody: the machine waits (the message ends in ``retry_after=SECONDS`` where known)
    ├── LlmOverloaded         nobody: the same
    ├── LlmTimeout            nobody: retried, then the agent's next model
    ├── LlmUnavailable        nobody: the same
    ├── LlmInvalidRequest     the developer
    ├── LlmAuthentication     the operator
    └── LlmContextTooLong     the person who asks, or the agent's limits
    RunCancelled              nobody: the run ends as stopped

A Lambda reports an exception by its class's name, so these names are what the state machine's Retry and Catch see.
"""


class ContractError(ValueError):
    """JSON that is not what a contract says. ``str`` is ``path: what is needed, what was there``."""

    def __init__(self, at: str, problem: str) -> None:
        super().__init__(f"{at or 'value'}: {problem}")
        self.at = at
        self.problem = problem


class LlmError(Exception):
    """A model could not be asked; the subclass says who must act. Messages hold no key and no prompt."""


class LlmWaits(LlmError):
    """The vendor asks for patience; `retry_after` in seconds, where it said for how long."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message if retry_after is None else f"{message} retry_after={max(0, round(retry_after))}")
        self.retry_after = retry_after


class LlmThrottled(LlmWaits):
    """Too many requests or tokens for this account (HTTP 429)."""


class LlmOverloaded(LlmWaits):
    """The vendor as a whole is over capacity (HTTP 529, or 503 with that word)."""


class LlmTimeout(LlmError):
    """No answer in the time that was left."""


class LlmUnavailable(LlmError):
    """The vendor is not reached or fails (connection refused or cut, HTTP 5xx)."""


class LlmInvalidRequest(LlmError):
    """The vendor refuses the request as it stands (HTTP 400, 404, 413, 422)."""


class LlmAuthentication(LlmError):
    """The key is missing, wrong, or not allowed to use this model (HTTP 401, 403)."""


class LlmContextTooLong(LlmError):
    """The conversation does not fit the model's context window."""


class RunCancelled(Exception):
    """The run's cancel mark was found before the call; nothing was asked."""
