"""Distributed Maps: a Map Run reads its items, runs a child execution for each, and writes what came of them.

run         one Map Run at work: children begun, followed, counted, until it ends
records     what is kept of Map Runs (tables: their tables), and of the inputs of their children
children    the child executions, as the executions' own rows have them
reading     data sets in S3 as items (formats: the bytes of an object)
writing     results as files in S3
"""

from .children import Counts
from .mapruns import MapRuns
from .records import Record, Records
from .tables import STEPS as TABLES

__all__ = ["TABLES", "Counts", "MapRuns", "Record", "Records"]
