"""How much concurrency a function reserves, and what the account has."""

from typing import Any

from stepsmith import lambdas

from .api import Answer, Api

TOTAL_CODE_BYTES = 80_530_636_800  # 75 GB, as AWS has it; kept is what the disk holds
ZIPPED_BYTES = 52_428_800


def put_function_concurrency(api: Api, given: dict[str, Any]) -> Answer:
    wanted = given["ReservedConcurrentExecutions"]
    with api.tables.changing():
        function = api.created(given["FunctionName"])
        api.functions.concurrency.check(function, wanted)
        api.tables.reserve(function.name, wanted)
    return {"ReservedConcurrentExecutions": wanted}


def get_function_concurrency(api: Api, given: dict[str, Any]) -> Answer:
    """Empty for a function that reserves none."""
    return {"ReservedConcurrentExecutions": api.created(given["FunctionName"]).reserved}


def delete_function_concurrency(api: Api, given: dict[str, Any]) -> Answer:
    api.tables.reserve(api.created(given["FunctionName"]).name, None)
    return None


def get_account_settings(api: Api, given: dict[str, Any]) -> Answer:
    concurrency, used = api.functions.concurrency, api.tables.codes()
    return {
        "AccountLimit": {
            "TotalCodeSize": TOTAL_CODE_BYTES,
            "CodeSizeUnzipped": lambdas.MAX_UNPACKED_BYTES,
            "CodeSizeZipped": ZIPPED_BYTES,
            "ConcurrentExecutions": concurrency.account,
            "UnreservedConcurrentExecutions": concurrency.shared,
        },
        "AccountUsage": {"TotalCodeSize": sum(used.values()), "FunctionCount": api.tables.count_functions()},
    }
