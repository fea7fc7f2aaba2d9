"""An agent with everything that the compiler knows; the tests play it through."""

from datetime import timedelta

from stepsmith.agent import Agent, Approval, Limits, subagent, toolbox

agent = Agent(
    description="Keeps the stock database of a shop",
    model="anthropic:model-a",
    fallbacks=["openai:model-b"],
    tools=[
        toolbox("python/stock"),
        toolbox("python/web", only=["fetch_page"]),
        toolbox("python/shop"),
        toolbox("python/code"),
        subagent("research"),
    ],
    output_schema={
        "type": "object",
        "properties": {"answer": {"type": "string"}, "rows": {"type": "integer"}},
        "required": ["answer"],
        "additionalProperties": False,
    },
    approvals={
        "delete_rows": Approval(when="$input.count <= 10 ? $tainted : true", within=timedelta(hours=4)),
        "refund": Approval(within=timedelta(hours=1), activity=True),
        "drop_table": "always",
        "send_mail": "never",
    },
    limits=Limits(max_turns=25, max_total_tokens=400_000, max_cost_usd=0.5, deadline_seconds=28_800),
)
