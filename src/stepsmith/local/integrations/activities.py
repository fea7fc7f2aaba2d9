"""An activity's ARN as Resource: the task waits for a worker, who asks by GetActivityTask."""

from stepsmith.local.run import Stop, Task
from stepsmith.local.tokens import Tokens


class Activities:
    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def perform(self, task: Task) -> Stop:
        return self._tokens.offer(task.invoke.resource, task)

    def recover(self, task: Task) -> Stop:
        """A worker that took the task before a crash still holds its token; other tasks wait for a worker again."""
        return self.perform(task) if task.news is None else self._tokens.wait(task)
