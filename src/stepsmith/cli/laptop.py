"""This machine as a place where agents are deployed: what everything of theirs is called here.

A module of its own: names are wanted by commands that run nothing, and must not wait for what does.
"""

from __future__ import annotations

from stepsmith.agent import Deployment
from stepsmith.local.approvals.table import seeds

LOCAL = Deployment()
SEEDS = seeds(LOCAL.approvals_table)
"""What must exist on this machine before it is asked for."""


def role_arn(agent: str) -> str:
    """The role of an agent's state machine, by the name that it has on AWS; nobody asks for it here."""
    return f"arn:{LOCAL.partition}:iam::{LOCAL.account}:role/{LOCAL.role_name('agent', agent)}"
