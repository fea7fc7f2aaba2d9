"""The tables of `functions/functions.db`, as the steps that made them (see local/migrations.py).

A file of its own beside the zips: a data folder whose functions are all of the repository has none.
"""

FILE = "functions/functions.db"

_TABLES = """
CREATE TABLE function (
    name TEXT NOT NULL PRIMARY KEY, versions INTEGER NOT NULL DEFAULT 0, reserved INTEGER) WITHOUT ROWID;
CREATE TABLE version (
    function TEXT NOT NULL, number INTEGER NOT NULL, settings TEXT NOT NULL, code TEXT NOT NULL, bytes INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL, revision TEXT NOT NULL, PRIMARY KEY (function, number)) WITHOUT ROWID;
CREATE TABLE alias (
    function TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL, description TEXT NOT NULL,
    weights TEXT NOT NULL, revision TEXT NOT NULL, PRIMARY KEY (function, name)) WITHOUT ROWID;
CREATE TABLE policy (
    function TEXT NOT NULL, qualifier TEXT NOT NULL, statements TEXT NOT NULL, revision TEXT NOT NULL,
    PRIMARY KEY (function, qualifier)) WITHOUT ROWID;
CREATE TABLE event_invoke (
    function TEXT NOT NULL, qualifier TEXT NOT NULL, settings TEXT NOT NULL, modified_ms INTEGER NOT NULL,
    PRIMARY KEY (function, qualifier)) WITHOUT ROWID;
CREATE TABLE event (
    id TEXT NOT NULL PRIMARY KEY, function TEXT NOT NULL, qualifier TEXT NOT NULL, payload BLOB NOT NULL, trace TEXT,
    accepted_ms INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE layer (name TEXT NOT NULL PRIMARY KEY, versions INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE layer_version (
    layer TEXT NOT NULL, number INTEGER NOT NULL, settings TEXT NOT NULL, code TEXT NOT NULL, bytes INTEGER NOT NULL,
    created_ms INTEGER NOT NULL, PRIMARY KEY (layer, number)) WITHOUT ROWID;
CREATE TABLE tag (
    resource TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (resource, key)) WITHOUT ROWID;
"""

STEPS = (_TABLES,)
