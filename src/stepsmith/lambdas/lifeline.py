"""No orphans: a pipe whose other end is the engine's life, tied to the process group of a function.

The function's process inherits the reading end; the engine alone holds the writing end. When the engine ends, however
it ends (`kill -9` too), the kernel closes that end. On Linux the pipe is set to signal its owner, the whole process
group, with SIGKILL (`fcntl(2)`: O_ASYNC, F_SETOWN with a group, F_SETSIG): no thread, no help of the runtime, any
language. PR_SET_PDEATHSIG would end only the child, and already when the *thread* ends that started it.
Elsewhere (macOS) the bootstrap watches the pipe.
"""

import fcntl
import os
import signal
import sys

KERNEL_WATCHES = sys.platform == "linux"


class Lifeline:
    """`reader` is for the child (pass_fds); `tie` once its process group exists; `cut` at its end."""

    def __init__(self) -> None:
        self.reader, self._writer = os.pipe()

    def tie(self, group: int) -> None:
        """From now on the group dies with us. Settings live in the open pipe, which the child shares."""
        if sys.platform == "linux":
            fcntl.fcntl(self.reader, fcntl.F_SETSIG, signal.SIGKILL)
            fcntl.fcntl(self.reader, fcntl.F_SETOWN, -group)
            fcntl.fcntl(self.reader, fcntl.F_SETFL, fcntl.fcntl(self.reader, fcntl.F_GETFL) | os.O_ASYNC)
        os.close(self.reader)

    def abandon(self) -> None:
        """There is no child after all."""
        os.close(self.reader)
        self.cut()

    def cut(self) -> None:
        """Ends the group; harmless when it has ended or was never tied."""
        if self._writer >= 0:
            os.close(self._writer)
            self._writer = -1
