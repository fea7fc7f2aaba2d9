"""Map Runs: a distributed Map runs here, the calls that list, describe and change its Map Run come later."""

from typing import Any

from .api import Answer, Api
from .errors import not_here_yet


def list_map_runs(api: Api, given: dict[str, Any]) -> Answer:
    raise not_here_yet("ListMapRuns")


def describe_map_run(api: Api, given: dict[str, Any]) -> Answer:
    raise not_here_yet("DescribeMapRun")


def update_map_run(api: Api, given: dict[str, Any]) -> Answer:
    raise not_here_yet("UpdateMapRun")
