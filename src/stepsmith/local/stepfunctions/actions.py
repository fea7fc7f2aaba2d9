"""The table of actions: the name in `X-Amz-Target: AWSStepFunctions.NAME`, and the function that answers.

An action of the service model that has no row here is answered as one that is not here yet; a name that the model does
not know is an UnknownOperationException. One module a noun; see api.py for what an action gets and gives.
"""

from collections.abc import Mapping

from . import activities, aliases, machines, tags, test_state, validate, versions
from .api import Action

ACTIONS: Mapping[str, Action] = {
    "CreateActivity": activities.create_activity,
    "CreateStateMachine": machines.create_state_machine,
    "CreateStateMachineAlias": aliases.create_state_machine_alias,
    "DeleteActivity": activities.delete_activity,
    "DeleteStateMachine": machines.delete_state_machine,
    "DeleteStateMachineAlias": aliases.delete_state_machine_alias,
    "DeleteStateMachineVersion": versions.delete_state_machine_version,
    "DescribeActivity": activities.describe_activity,
    "DescribeStateMachine": machines.describe_state_machine,
    "DescribeStateMachineAlias": aliases.describe_state_machine_alias,
    "ListActivities": activities.list_activities,
    "ListStateMachineAliases": aliases.list_state_machine_aliases,
    "ListStateMachineVersions": versions.list_state_machine_versions,
    "ListStateMachines": machines.list_state_machines,
    "ListTagsForResource": tags.list_tags_for_resource,
    "PublishStateMachineVersion": versions.publish_state_machine_version,
    "TagResource": tags.tag_resource,
    "TestState": test_state.test_state,
    "UntagResource": tags.untag_resource,
    "UpdateStateMachine": machines.update_state_machine,
    "UpdateStateMachineAlias": aliases.update_state_machine_alias,
    "ValidateStateMachineDefinition": validate.validate_state_machine_definition,
}
