"""State machines, versions, aliases, tags and activities: AWS's rules on rows of the one database of a data folder.

Values are frozen (values.py, settings.py); one module a noun holds its rules and raises AWS's own errors (errors.py);
tables.py and records.py keep the rows and what is held in memory of them; arns.py reads names. `Catalog` puts the parts
together and says what an ARN runs.
"""

from stepsmith.local.catalog.catalog import Catalog
from stepsmith.local.catalog.errors import CatalogError
from stepsmith.local.catalog.machines import Change
from stepsmith.local.catalog.settings import Encryption, Logging, Tracing
from stepsmith.local.catalog.values import (
    Activity,
    Alias,
    Configuration,
    Machine,
    Publication,
    Quotas,
    Resolved,
    Route,
    Version,
)

__all__ = [
    "Activity",
    "Alias",
    "Catalog",
    "CatalogError",
    "Change",
    "Configuration",
    "Encryption",
    "Logging",
    "Machine",
    "Publication",
    "Quotas",
    "Resolved",
    "Route",
    "Tracing",
    "Version",
]
