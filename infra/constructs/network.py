"""Network: the VPC of functions that have no network (`network: "none"` in tool.json), whose one way out is our bucket.

    two subnets in two zones, their route table    no internet gateway, no NAT: the only route leads to S3
    a gateway endpoint for S3                      lets through what every tool may do with artifacts, nothing else
    a security group                               out to those endpoints by TLS, in from nowhere
    a flow log                                     of what was refused
    an endpoint for Secrets Manager                only if one of the functions lists a secret: it costs by the hour

A function's logs and traces are carried off by Lambda itself and need no route. Names are still resolved, by Amazon's
own resolver (docs/security.md says what that means).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from infra.constructs.refusals import Refusals
from infra.constructs.rights import artifacts, own_secrets
from infra.iac import (
    Construct,
    DataAwsAvailabilityZones,
    DataAwsAvailabilityZonesFilter,
    DataAwsVpcEndpointService,
    DefaultSecurityGroup,
    RouteTable,
    RouteTableAssociation,
    SecurityGroup,
    Subnet,
    TerraformResourceLifecycle,
    Vpc,
    VpcEndpoint,
    VpcSecurityGroupEgressRule,
    VpcSecurityGroupIngressRule,
    json_text,
)
from infra.policy import Statement, document
from infra.site import Placement, Site

ADDRESSES = "10.0.0.0/24"
HALVES = ("10.0.0.0/25", "10.0.0.128/25")
"""A subnet for each zone. Functions share an interface in each: a few addresses would do."""
_TLS: Mapping[str, Any] = {"ip_protocol": "tcp", "from_port": 443, "to_port": 443}


class Network(Construct):
    """`placement` is what a function joins it by. `secrets` are the names that its functions list."""

    def __init__(self, scope: Construct, site: Site, secrets: Sequence[str]) -> None:
        super().__init__(scope, "network")
        self._site = site
        self._vpc = Vpc(
            self,
            "vpc",
            cidr_block=ADDRESSES,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=self._called("closed"),
        )
        DefaultSecurityGroup(self, "default", vpc_id=self._vpc.id)  # without rules: it lets nothing through
        Refusals(self, site, self._vpc.id)
        self._subnets = [subnet.id for subnet in self._zoned()]
        self._group = self._security_group("functions", "Out to endpoints alone")
        self._way_to_s3()
        if secrets:
            self._way_to_secrets(secrets)
        self.placement = Placement(tuple(self._subnets), (self._group.id,))

    def _zoned(self) -> Iterable[Subnet]:
        """A subnet in each of two zones. Which zones a region has differs by account; a new one moves no subnet."""
        ordinary = DataAwsAvailabilityZonesFilter(name="opt-in-status", values=["opt-in-not-required"])
        zones = DataAwsAvailabilityZones(self, "zones", state="available", filter=[ordinary])
        for number, addresses in enumerate(HALVES):
            yield Subnet(
                self,
                f"subnet{number}",
                vpc_id=self._vpc.id,
                cidr_block=addresses,
                availability_zone=f"${{{zones.fqn}.names[{number}]}}",
                tags=self._called(f"closed-{number}"),
                lifecycle=TerraformResourceLifecycle(ignore_changes=["availability_zone"]),
            )

    def _security_group(self, id: str, description: str) -> SecurityGroup:
        """Terraform takes away the rule "out to everywhere" that AWS makes each group with."""
        name = self._site.deployment.named(f"closed-{id}")
        return SecurityGroup(self, id, name=name, description=description, vpc_id=self._vpc.id)

    def _way_to_s3(self) -> None:
        routes = RouteTable(self, "routes", vpc_id=self._vpc.id, tags=self._called("closed"))
        for number, subnet in enumerate(self._subnets):
            RouteTableAssociation(self, f"routes{number}", subnet_id=subnet, route_table_id=routes.id)
        allowed = artifacts(self._site.deployment)
        s3 = self._endpoint("s3", "Gateway", allowed, route_table_ids=[routes.id])
        self._out("to-s3", "S3 of this region", prefix_list_id=s3.prefix_list_id)

    def _way_to_secrets(self, names: Sequence[str]) -> None:
        entry = self._security_group("secrets", "In from the functions alone")
        allowed = own_secrets(self._site.deployment, names)
        places = {"subnet_ids": self._subnets, "security_group_ids": [entry.id]}
        self._endpoint("secretsmanager", "Interface", allowed, private_dns_enabled=True, **places)
        self._out("to-secrets", "Secrets Manager", referenced_security_group_id=entry.id)
        VpcSecurityGroupIngressRule(
            self,
            "from-functions",
            security_group_id=entry.id,
            description="The functions",
            referenced_security_group_id=self._group.id,
            **_TLS,
        )

    def _endpoint(self, service: str, kind: str, allowed: Iterable[Statement], **ways: Any) -> VpcEndpoint:
        """For calls of a service that are `allowed`, whoever makes them. Its name differs in China: AWS is asked."""
        known = DataAwsVpcEndpointService(self, f"{service}-service", service=service, service_type=kind)
        return VpcEndpoint(
            self,
            service,
            vpc_id=self._vpc.id,
            service_name=known.service_name,
            vpc_endpoint_type=kind,
            policy=json_text(document(*(replace(statement, principal="*") for statement in allowed))),
            tags=self._called(service),
            **ways,
        )

    def _out(self, id: str, description: str, **whither: Any) -> None:
        VpcSecurityGroupEgressRule(
            self, id, security_group_id=self._group.id, description=description, **whither, **_TLS
        )

    def _called(self, thing: str) -> dict[str, str]:
        return {"Name": self._site.deployment.named(thing)}
