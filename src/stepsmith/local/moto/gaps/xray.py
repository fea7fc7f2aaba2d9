"""Groups and sampling rules of X-Ray: kept and told, with their tags. Names and words of the X-Ray API reference.

A rule's rate is for the SDKs that ask for it; nothing here samples.
"""

import time
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, BaseResponse, EmptyResult

from stepsmith.local.moto import backends

Document = dict[str, Any]


class Gaps(BaseResponse):
    """See the module. A group is kept as the API tells it, a rule as its record."""

    def __init__(self) -> None:
        super().__init__(service_name="xray")
        self.automated_parameter_parsing = True

    def create_group(self) -> ActionResult:
        name, groups = self.params["GroupName"], _kept("groups")
        if name in groups:
            raise _invalid("A group with this name already exists.")
        insights = {"InsightsEnabled": False, "NotificationsEnabled": False, **self._given("InsightsConfiguration", {})}
        arn = self._arn(f"group/{name}/{backends.random_name()}")
        expression = self._given("FilterExpression", "")
        groups[name] = {
            "GroupName": name,
            "GroupARN": arn,
            "FilterExpression": expression,
            "InsightsConfiguration": insights,
        }
        _tags()[arn] = self._given("Tags", [])
        return ActionResult({"Group": groups[name]})

    def get_group(self) -> ActionResult:
        return ActionResult({"Group": self._group()})

    def get_groups(self) -> ActionResult:
        return ActionResult({"Groups": list(_kept("groups").values())})

    def update_group(self) -> ActionResult:
        group = self._group()
        group["FilterExpression"] = self._given("FilterExpression", group["FilterExpression"])
        group["InsightsConfiguration"] |= self._given("InsightsConfiguration", {})
        return ActionResult({"Group": group})

    def delete_group(self) -> ActionResult:
        group = self._group()
        _kept("groups").pop(group["GroupName"])
        _tags().pop(group["GroupARN"], None)
        return EmptyResult()

    def create_sampling_rule(self) -> ActionResult:
        given, rules = dict(self.params["SamplingRule"]), _kept("rules")
        name = given.get("RuleName", "")
        if not name or name in rules:
            raise _invalid("Rule name is missing." if not name else "A sampling rule with this name already exists.")
        arn = self._arn(f"sampling-rule/{name}")
        now = time.time()
        rules[name] = {"SamplingRule": {"Attributes": {}, **given, "RuleARN": arn}, "CreatedAt": now, "ModifiedAt": now}
        _tags()[arn] = self._given("Tags", [])
        return ActionResult({"SamplingRuleRecord": rules[name]})

    def get_sampling_rules(self) -> ActionResult:
        ordered = sorted(_kept("rules").values(), key=lambda record: int(record["SamplingRule"]["Priority"]))
        return ActionResult({"SamplingRuleRecords": ordered})

    def update_sampling_rule(self) -> ActionResult:
        given = self.params["SamplingRuleUpdate"]
        record = _rule(given)
        record["SamplingRule"] |= {name: value for name, value in given.items() if value is not None}
        record["ModifiedAt"] = time.time()
        return ActionResult({"SamplingRuleRecord": record})

    def delete_sampling_rule(self) -> ActionResult:
        record = _rule(self.params)
        _kept("rules").pop(record["SamplingRule"]["RuleName"])
        _tags().pop(record["SamplingRule"]["RuleARN"], None)
        return ActionResult({"SamplingRuleRecord": record})

    def list_tags_for_resource(self) -> ActionResult:
        return ActionResult({"Tags": self._tagged()})

    def tag_resource(self) -> ActionResult:
        new = {tag["Key"]: tag["Value"] for tag in [*self._tagged(), *self.params["Tags"]]}
        _tags()[self.params["ResourceARN"]] = [{"Key": key, "Value": value} for key, value in new.items()]
        return EmptyResult()

    def untag_resource(self) -> ActionResult:
        gone = set(self.params["TagKeys"])
        _tags()[self.params["ResourceARN"]] = [tag for tag in self._tagged() if tag["Key"] not in gone]
        return EmptyResult()

    def _given(self, name: str, otherwise: Any) -> Any:
        value = self.params.get(name)
        return otherwise if value is None else value

    def _arn(self, resource: str) -> str:
        return f"arn:{self.partition}:xray:{self.region}:{self.current_account}:{resource}"

    def _group(self) -> Document:
        wanted = (self._given("GroupName", ""), self._given("GroupARN", ""))
        found = _first(_kept("groups").values(), "GroupName", "GroupARN", wanted)
        if found is None:
            raise _invalid("Group not found")
        return found

    def _tagged(self) -> list[Document]:
        found: list[Document] | None = _tags().get(self.params["ResourceARN"])
        if found is None:
            raise JsonRESTError("ResourceNotFoundException", f"Resource not found: {self.params['ResourceARN']}")
        return found


def _rule(given: Mapping[str, Any]) -> Document:
    wanted = (given.get("RuleName") or "", given.get("RuleARN") or "")
    records = _kept("rules").values()
    found = _first((record["SamplingRule"] for record in records), "RuleName", "RuleARN", wanted)
    if found is None:
        raise _invalid("Sampling rule does not exist.")
    rule: Document = _kept("rules")[found["RuleName"]]
    return rule


def _first(documents: Iterable[Document], name: str, arn: str, wanted: tuple[str, str]) -> Document | None:
    return next((each for each in documents if each[name] == wanted[0] or each[arn] == wanted[1]), None)


def _kept(kind: str) -> MutableMapping[str, Document]:
    """``groups`` or ``rules``, by name: they lie in moto's backend, and are kept with it."""
    held: MutableMapping[str, Document] = vars(backends.of("xray")).setdefault(f"stepsmith_{kind}", {})
    return held


def _tags() -> MutableMapping[str, Any]:
    return _kept("tags")


def _invalid(message: str) -> JsonRESTError:
    return JsonRESTError("InvalidRequestException", message)
