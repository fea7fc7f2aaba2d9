"""`aws-sdk:dynamodb:putItem`: what a compiled agent keeps in the table of approvals (agent/machine/approval.py).

The arguments are PutItem's `TableName` and `Item`; another one is refused by its name rather than passed over, since
all of them change what PutItem does. Names and words of errors are those of the DynamoDB API reference.
"""

from typing import Any

from stepsmith.local.integrations.sdk import Action, SdkError
from stepsmith.local.items import BadItem, Items, NoSuchTable

SERVED = ("TableName", "Item")
VALIDATION = "DynamoDbException"  # the SDK has no class of its own for DynamoDB's ValidationException


def actions(items: Items) -> dict[str, Action]:
    """The actions of the service `dynamodb`."""
    return {"putItem": lambda arguments: put_item(items, arguments)}


def put_item(items: Items, arguments: Any) -> dict[str, Any]:
    unknown = next((name for name in arguments if name not in SERVED), None)
    if unknown is not None:
        raise SdkError(VALIDATION, f"{unknown} is not served on this machine yet: PutItem takes TableName and Item")
    try:
        items.put(arguments["TableName"], arguments["Item"])
    except KeyError as error:
        name = str(error.args[0])
        missing = f"Value null at '{name[0].lower()}{name[1:]}' failed to satisfy constraint: Member must not be null"
        raise SdkError(VALIDATION, f"1 validation error detected: {missing}") from error
    except NoSuchTable as error:
        raise SdkError("ResourceNotFoundException", "Requested resource not found") from error
    except BadItem as error:
        raise SdkError(VALIDATION, str(error)) from error
    return {}
