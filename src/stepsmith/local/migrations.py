"""The tables of `runs.db`, as the steps that made them: step n turns format n into n + 1, and 0 is an empty file.

A change of a table, or of the packing's dictionary (packing.py), is a new step at the foot; a step that has been
released is never changed. Whoever adds tables adds a step of its own.
"""

_RUNS = """
CREATE TABLE definition (id INTEGER PRIMARY KEY, hash BLOB NOT NULL, body BLOB NOT NULL);
CREATE TABLE execution (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, machine TEXT NOT NULL, arn TEXT NOT NULL, role TEXT NOT NULL,
    definition INTEGER NOT NULL REFERENCES definition, input BLOB NOT NULL, seed INTEGER NOT NULL,
    started_ms INTEGER NOT NULL, started_by TEXT, interpreter TEXT NOT NULL,
    status TEXT NOT NULL, stopped_ms INTEGER, result BLOB);
CREATE UNIQUE INDEX execution_name ON execution (name, machine);
CREATE TABLE outcome (
    execution INTEGER NOT NULL, n INTEGER NOT NULL, effect INTEGER NOT NULL, time_ms INTEGER NOT NULL,
    kind INTEGER NOT NULL, body BLOB, PRIMARY KEY (execution, n)) WITHOUT ROWID;
"""

_EXECUTIONS = """
ALTER TABLE execution ADD COLUMN version TEXT;
ALTER TABLE execution ADD COLUMN alias TEXT;
ALTER TABLE execution ADD COLUMN trace TEXT;
ALTER TABLE execution ADD COLUMN map_run TEXT;
ALTER TABLE execution ADD COLUMN revision TEXT;
ALTER TABLE execution ADD COLUMN updated_ms INTEGER;
ALTER TABLE execution ADD COLUMN redrives INTEGER NOT NULL DEFAULT 0;
ALTER TABLE execution ADD COLUMN redriven_ms INTEGER;
CREATE INDEX execution_time ON execution (machine, ifnull(stopped_ms, ifnull(redriven_ms, started_ms)));
CREATE INDEX execution_map_run ON execution (map_run) WHERE map_run IS NOT NULL;
CREATE INDEX execution_running ON execution (id) WHERE status = 'RUNNING';
CREATE TABLE parked (execution INTEGER PRIMARY KEY, waits BLOB NOT NULL);
"""

_CATALOG = """
CREATE TABLE catalog (generation INTEGER NOT NULL);
INSERT INTO catalog VALUES (0);
CREATE TABLE machine (
    arn TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, deleting INTEGER NOT NULL DEFAULT 0,
    created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, publish INTEGER NOT NULL, description TEXT,
    versions INTEGER NOT NULL DEFAULT 0, revision TEXT,
    role TEXT NOT NULL, settings TEXT NOT NULL, definition INTEGER NOT NULL REFERENCES definition) WITHOUT ROWID;
CREATE INDEX machine_name ON machine (name);
CREATE TABLE version (
    machine TEXT NOT NULL, number INTEGER NOT NULL, created_ms INTEGER NOT NULL, description TEXT, revision TEXT,
    role TEXT NOT NULL, settings TEXT NOT NULL, definition INTEGER NOT NULL REFERENCES definition,
    PRIMARY KEY (machine, number)) WITHOUT ROWID;
CREATE TABLE alias (
    id INTEGER PRIMARY KEY AUTOINCREMENT, machine TEXT NOT NULL, name TEXT NOT NULL, description TEXT,
    routes TEXT NOT NULL, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, UNIQUE (machine, name));
CREATE TABLE activity (
    arn TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, created_ms INTEGER NOT NULL, encryption TEXT NOT NULL);
CREATE INDEX activity_name ON activity (name);
CREATE TABLE tag (
    id INTEGER PRIMARY KEY, resource TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (resource, key));
"""

_APPROVALS = """
CREATE TABLE item (tbl TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (tbl, key)) WITHOUT ROWID;
CREATE INDEX item_undecided ON item (tbl) WHERE json_type(body, '$."decision"') IS NULL;
CREATE TABLE letter (
    token TEXT NOT NULL PRIMARY KEY, time_ms INTEGER NOT NULL, body BLOB NOT NULL, verdict TEXT) WITHOUT ROWID;
CREATE INDEX letter_unread ON letter (time_ms) WHERE verdict IS NULL;
"""

_CHILDREN = """
ALTER TABLE execution ADD COLUMN child INTEGER;
ALTER TABLE execution ADD COLUMN items INTEGER;
DROP INDEX execution_map_run;
CREATE INDEX execution_map_run ON execution (map_run, child) WHERE map_run IS NOT NULL;
"""

_CARRIED = """
DROP INDEX item_undecided;
ALTER TABLE item RENAME TO carried;
DELETE FROM carried WHERE json_type(body, '$."decision"') IS NOT NULL;
"""

STEPS = (_RUNS, _EXECUTIONS, _CATALOG, _APPROVALS, _CHILDREN, _CARRIED)

FORMAT = len(STEPS)
"""The newest format, kept as the file's PRAGMA user_version."""
