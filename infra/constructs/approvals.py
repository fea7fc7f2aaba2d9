"""Approvals: the table in which requests wait for a person, and the activity for people with a worker of their own.

An item is what a compiled agent puts there (agent/machine/approval.py). `WAITING` is an index of those that nobody has
decided: a decision takes the attribute `waiting` away, and with it the item leaves the index.
"""

from infra.iac import (
    Construct,
    DynamodbTable,
    DynamodbTableAttribute,
    DynamodbTableGlobalSecondaryIndex,
    DynamodbTablePointInTimeRecovery,
    DynamodbTableTtl,
    SfnActivity,
)
from infra.site import Site

KEY = ("run_id", "effect_id")
WAITING = "waiting"
"""The index: by `waiting` (the same word in every item) and `expires_at`."""


class Approvals(Construct):
    def __init__(self, scope: Construct, site: Site) -> None:
        super().__init__(scope, "approvals")
        run, effect = KEY
        DynamodbTable(
            self,
            "table",
            name=site.deployment.approvals_table,
            billing_mode="PAY_PER_REQUEST",
            hash_key=run,
            range_key=effect,
            attribute=[DynamodbTableAttribute(name=name, type="S") for name in (*KEY, WAITING, "expires_at")],
            global_secondary_index=[
                DynamodbTableGlobalSecondaryIndex(
                    name=WAITING, hash_key=WAITING, range_key="expires_at", projection_type="ALL"
                )
            ],
            ttl=DynamodbTableTtl(attribute_name="delete_at", enabled=True),
            point_in_time_recovery=DynamodbTablePointInTimeRecovery(enabled=True),
            deletion_protection_enabled=not site.is_disposable,
        )
        SfnActivity(self, "activity", name=site.deployment.approvals_activity)
