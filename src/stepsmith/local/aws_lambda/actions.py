"""The table of actions: the name in the service model, and the function that answers.

An action of the model that has no row here is answered as one that is not part of this endpoint.
"""

from collections.abc import Mapping

from . import code, functions, invoke, versions
from .api import Action

ACTIONS: Mapping[str, Action] = {
    "CreateFunction": functions.create_function,
    "DeleteFunction": functions.delete_function,
    "GetFunction": functions.get_function,
    "GetFunctionConfiguration": functions.get_function_configuration,
    "Invoke": invoke.invoke,
    "ListFunctions": functions.list_functions,
    "ListVersionsByFunction": versions.list_versions_by_function,
    "PublishVersion": versions.publish_version,
    "UpdateFunctionCode": code.update_function_code,
    "UpdateFunctionConfiguration": functions.update_function_configuration,
}
