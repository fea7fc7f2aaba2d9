"""The generated state machine, part by part: each module makes the states of one idea as plain dicts.

    expressions   what several states ask: time left, the request's prefix, sizes, the current call
    conforms      a contract's type as a test
    results       the tool_result blocks that end every call
    retries       which errors are tried again
    begin         Begin, Invalid input
    bookkeeping   what a model's answer changes, and what it must be
    model         Call model, Model failed, Wait for the vendor, Last attempt
    decide        Decide
    tools         Use tools, Route, one Task per Lambda's tool
    subagents     one Task per sub-agent
    approval      Check, Approve and Decision of one tool
    ending        Finish, Stop
    events        an upper estimate of history events

Every expression outside Task, Map and Parallel is total: nothing a model, a tool or a person said can make it fail.
"""

RESERVED_NAMES = frozenset({"Begin", "Decide", "Finish", "Stop", "Route", "Failed"})
"""Names of states that a tool could have as well: all others hold a blank."""
