"""The bound on what a task may answer, in AWS's words: the same for every integration, before anything is recorded."""

from stepsmith.asl import outcome


def too_large(resource: str) -> outcome.Failed:
    said = "returned a result with a size exceeding the maximum number of bytes service limit."
    return outcome.Failed("States.DataLimitExceeded", f"The state/task '{resource}' {said}")
