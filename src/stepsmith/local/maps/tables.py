"""The tables of `maps.db`, as the steps that made them (see local/migrations.py).

They lie apart from the executions: a data folder without Map Runs does not pay for them, and a million inputs of
children come and go without `runs.db` growing.
"""

_MAP_RUNS = """
CREATE TABLE map_run (
    id INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE, execution TEXT NOT NULL, status TEXT NOT NULL,
    started_ms INTEGER NOT NULL, stopped_ms INTEGER, at_once INTEGER NOT NULL, tolerated_count INTEGER,
    tolerated_percentage REAL, redrives INTEGER NOT NULL, redriven_ms INTEGER, children INTEGER, items INTEGER,
    is_written INTEGER NOT NULL DEFAULT 0);
CREATE INDEX map_run_execution ON map_run (execution);
CREATE TABLE map_input (
    map_run INTEGER NOT NULL, child INTEGER NOT NULL, items INTEGER NOT NULL, input BLOB NOT NULL,
    PRIMARY KEY (map_run, child)) WITHOUT ROWID;
"""

STEPS = (_MAP_RUNS,)
