"""What `Processes.invoke` raises: not an error of the function, which is an `Answer`, but no answer at all.

NotRunnable                 the function never started; the message says what to do
 +- UnknownRuntime          no row in RUNTIMES
 +- BadEntrypoint           the code's own program cannot be started; `Processes.invoke` makes an answer of it
 +- BadCode                 the code is missing, or not an artifact that Lambda would take
     +- NoCode              the zip is empty
     +- TooMuchCode         it is larger than Lambda takes, once unpacked
"""


class NotRunnable(Exception):
    """The function cannot be started here. Nothing of the call has run."""


class UnknownRuntime(NotRunnable):
    """The function names a runtime that has no row in `RUNTIMES`."""


class BadEntrypoint(NotRunnable):
    """The function's own program is missing or cannot be run: why, in Lambda's words."""


class BadCode(NotRunnable):
    """The function's code is missing, or is refused."""


class NoCode(BadCode):
    """The zip has no entry."""


class TooMuchCode(BadCode):
    """Unpacked it has more bytes than Lambda takes, or says so."""
