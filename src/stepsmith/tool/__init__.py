"""What a Python tool Lambda imports: one table of names, pure functions, and everything else taken care of.

    from stepsmith.tool import Call, ToolError, serve

    def greet(input: dict[str, Any], call: Call) -> str:
        return f"Hello, {input['name']}"

    handler = serve({"greet": greet})

`serve` reads the `tool.json` beside the handler, parses each call, validates its input against the tool's schema, runs
the function and answers within the call's budget: what is longer goes to the artifact store with a preview.

    answer     what a function may return: text, JSON, `Rows`, `Picture`, `File`, several of them; `ToolError`
    call       the `Call` a function is given, and the references it may read
    inputs     a tool's schema, and what to tell a model whose input does not fit
    plain      any Python value as JSON: dates, decimals, bytes, NaN
    result     an answer as a `tool_result` within its budget
    serving    the Lambda handler
"""

from stepsmith.secrets import MissingSecret, optional_secret, secret

from .answer import Answer, File, Parts, Picture, Rows, ToolError
from .call import Call
from .serving import serve

__all__ = [
    "Answer",
    "Call",
    "File",
    "MissingSecret",
    "Parts",
    "Picture",
    "Rows",
    "ToolError",
    "optional_secret",
    "secret",
    "serve",
]
