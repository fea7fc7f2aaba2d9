"""What ends a command, each with its exit code and one sentence that says what to do.

    CommandError        1   it could not be done
    └── UsageError      2   it was asked wrongly: an unknown name, a missing key

Exit codes of ``run`` and ``resume``: 0 completed, 1 failed, 2 usage, 3 stopped (the reason is printed), 4 waits for
approval, 130 interrupted.
"""

COMPLETED, FAILED, USAGE, STOPPED, WAITS, INTERRUPTED = 0, 1, 2, 3, 4, 130


class CommandError(Exception):
    """One sentence for the person at the terminal."""

    exit_code = FAILED


class UsageError(CommandError):
    exit_code = USAGE
