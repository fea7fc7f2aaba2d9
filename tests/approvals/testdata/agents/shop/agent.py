"""Pays money back, when a person lets it."""

from datetime import timedelta

from stepsmith.agent import Agent, Approval, toolbox

agent = Agent(
    description="Settles complaints of customers",
    model="scripted:shop/refund",
    tools=[toolbox("python/counter")],
    approvals={
        "refund": Approval(when="$input.euros > 10 or $tainted", within=timedelta(hours=1)),
        "pay": Approval(activity=True),
    },
)
