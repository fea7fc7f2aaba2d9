"""What waits for a person, and a person's decision.

table    the DynamoDB table in which requests wait, here or on AWS: one conditional update decides
desk     requests of runs that go on; deciding one, and telling the run
here     the runs of a data folder; requests of an older version brought into the table

    desk = here.desk(here.table_of(moto, "stepsmith-local-approvals"), database, now_ms)
    for waiting in await desk.waiting(): print(waiting.request.tool, waiting.request.input)
    await desk.decide(waiting, Decision("approve", waiting.request.input_hash, approver, decided_at))
"""

from .desk import Approvals, Runs, Waiting
from .table import Ask, Refused, Table

__all__ = ["Approvals", "Ask", "Refused", "Runs", "Table", "Waiting"]
