"""Distributed Maps: a Map Run reads its items, runs a child execution for each, and writes what came of them.

    mapruns     all of them: performed, looked at, changed while they run
    run         one Map Run at work: children begun, followed, counted, until it ends
    records     what is kept of Map Runs (tables: their tables), and of the inputs of their children
    children    the child executions, as the executions' own rows have them
    reading     data sets in S3 as items (formats: the bytes of an object)
    writing     results as files in S3
    access      S3 as the role of the state machine sees it

What AWS says of all this, and what is assumed: docs/maps.md, docs/reference/history.md.
"""

from .children import Counts
from .mapruns import MapRuns
from .records import Record, Records
from .tables import STEPS as TABLES

__all__ = ["TABLES", "Counts", "MapRuns", "Record", "Records"]
