"""The services of AWS that are not ours: moto, in this process, over the data folder. docs/aws.md has the list.

service    what the endpoint falls back to: a request in, an answer out
services   which services there are: their names, their models, what they reach
request    a request as a value: its operation, whether it changes anything
keeper     one request after the other, committed before it is answered
backends   moto itself: imported lazily, called without a server
state, pickling, items, metrics   what the services hold, in `aws.db`
faults     errors without moto, in the words of the protocol
"""

from .faults import Fault
from .service import Moto, Seeds

__all__ = ["Fault", "Moto", "Seeds"]
