"""CloudWatch Logs Insights: its query language over log events in memory. No I/O, no clock.

    query = parse("fields @timestamp, @message | filter level = 'ERROR' | sort @timestamp desc | limit 20")
    rows, matched = run(query, events)               # rows: field -> text, as GetQueryResults tells them

query         a query as values: commands, expressions
scanning, parsing   from text to these; Malformed says where it cannot be read
discovering   the fields that Insights finds in an event: those of AWS, of JSON, of Lambda's reports
functions     the functions of the language, and the aggregations
evaluating    what an expression is for one event
running       the commands, one after the other

The source is "CloudWatch Logs Insights language query syntax" of the user guide. `pattern`, `diff`, `anomaly`,
`unmask`, `unnest`, `filterIndex` and the languages PPL and SQL are not here: they are refused by name.
"""

from .discovering import Event
from .parsing import parse
from .query import Malformed, Query
from .running import run

__all__ = ["Event", "Malformed", "Query", "parse", "run"]
