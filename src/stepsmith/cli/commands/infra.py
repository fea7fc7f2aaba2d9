"""Deploys the agents, tools and model callers of this repository by Terraform: to AWS, or (--local) to the endpoint of
`stepsmith up`.

  synth     writes the stacks as Terraform's JSON; plain `terraform` works on them, too
  plan      shows what would change
  apply     shows it, asks, and does it
  destroy   takes everything of the environment away again

Artifacts that are missing or older than their sources are built first. Environments share an account: --env dev and
--env prod have names of their own. The state lies beside the stacks; a team keeps it in S3: --state s3://BUCKET/PREFIX,
or STEPSMITH_STATE in .env. docs/deploy.md
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Iterable
from typing import Literal

from ..changes import Progress, listed, summed
from ..errors import COMPLETED, CommandError
from ..settings import Settings, read
from ..synthesis import synthesise
from ..target import Target, checked, target
from ..target import arguments as target_arguments
from ..terminal import note, say
from ..terraform import adoption, program, provider, stacks
from ..terraform.events import Counted
from ..terraform.faults import TerraformError
from ..terraform.stack import Plan, Stack, Terraform
from ..terraform.workplace import carrying_out, held

Verb = Literal["synth", "plan", "apply", "destroy"]
VERBS: tuple[Verb, ...] = ("synth", "plan", "apply", "destroy")
STATE = "STEPSMITH_STATE"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("verb", choices=VERBS, help="what to do")
    target_arguments(parser)
    parser.add_argument("--state", metavar="URI", help=f"s3://BUCKET/PREFIX for Terraform's state (or {STATE})")
    parser.add_argument("--auto-approve", action="store_true", help="do not ask before something is changed")
    parser.add_argument("--adopt", action="store_true", help="take over what is there already and in no state")
    parser.add_argument("--full", action="store_true", help="show plans in Terraform's own words")
    parser.add_argument("--quiet", action="store_true", help="show the sums only")


def main(options: argparse.Namespace) -> int:
    settings = read(options.data)
    where = target(settings, options)
    with held(where.folder) as lock:
        if options.verb == "synth":
            _synthesised(settings, where, options)
            _say_how_to_go_on(where)
        else:
            asyncio.run(_terraform(settings, where, options, lock))
    return COMPLETED


async def _terraform(settings: Settings, where: Target, options: argparse.Namespace, lock: int) -> None:
    terraform_program = program.found(settings.root, where.variables.get("PATH"))
    checked(where)
    is_destruction = options.verb == "destroy"
    if not (is_destruction and _is_written(where)):
        _synthesised(settings, where, options)
    found = stacks.read(where.folder)
    work = Deployer(where, _ready(terraform_program, found, where, lock), options)
    began = time.monotonic()
    plans = await work.plans(stacks.reversed_order(found) if is_destruction else found)
    if options.verb == "plan" or not any(plan.changes for plan in plans):
        say(summed(plans, time.monotonic() - began), "bold")
        return
    _ask(options, plans, where)
    await work.carry_out(plans)


def _ready(found: program.Program, of: Iterable[Stack], where: Target, lock: int) -> Terraform:
    """Terraform with the provider that the stacks require."""
    required = next(iter(of)).provider()
    mirror = provider.mirror(required, where.variables)
    source = f"from {mirror}" if mirror else "from the registry"
    note(f"Terraform {found.version}, {required.source} {required.version} {source}; {where.words}", "dim")
    return Terraform(found, where.variables, mirror, lock)


class Deployer:
    """Terraform at work on the stacks of one target."""

    def __init__(self, where: Target, terraform: Terraform, options: argparse.Namespace) -> None:
        self._where = where
        self._terraform = terraform
        self._destroys = options.verb == "destroy"
        self._adopts = options.adopt
        self._full, self._quiet = options.full, options.quiet

    async def plans(self, of: tuple[Stack, ...]) -> list[Plan]:
        """All at once: references between stacks are names, so none needs another to be there."""
        plans = await stacks.at_once(of, self._plan)
        for plan in plans:
            if self._full:
                say(await self._terraform.shown(plan))
            elif not self._quiet:
                await listed(plan, self._terraform)
        return [Plan(stack, plan.changes) for stack, plan in zip(of, plans, strict=True)]  # with their order

    async def carry_out(self, plans: list[Plan]) -> None:
        """In order; what needs nothing of each other at once."""
        began = time.monotonic()
        self._progress = Progress(self._quiet)
        by_name = {plan.stack.name: plan for plan in plans}
        with carrying_out(self._where.folder) as was_cut:
            self._adopts = self._adopts or was_cut
            done = await stacks.in_order((plan.stack for plan in plans), lambda stack: self._apply(by_name[stack.name]))
        say(self._progress.summed(plans, done, time.monotonic() - began), "bold")

    async def _plan(self, stack: Stack) -> Plan:
        await self._terraform.init(stack)
        return await self._terraform.plan(stack, self._destroys)

    async def _apply(self, plan: Plan) -> Counted:
        if not plan.changes:
            return Counted()
        details = await self._terraform.details(plan) if self._adopts and not self._destroys else {}
        try:
            return await self._terraform.apply(plan, self._progress)
        except TerraformError as error:
            if not (details and adoption.adopt(plan.stack, error, details, self._where.deployment.arn)):
                raise
        note(f"  {plan.stack.name}: what a killed apply had made is taken over", "dim")
        try:
            return await self._apply(await self._terraform.plan(plan.stack))
        finally:
            adoption.forget(plan.stack)


def _synthesised(settings: Settings, where: Target, options: argparse.Namespace) -> None:
    synthesise(settings, where, options.state or settings.environment.get(STATE))


def _is_written(where: Target) -> bool:
    return (where.folder / stacks.INDEX).is_file()


def _say_how_to_go_on(where: Target) -> None:
    found = stacks.read(where.folder)
    say(f"{', '.join(stack.name for stack in found)} in {where.folder}")
    say(f"Plain Terraform: terraform -chdir={found[0].folder} init, then plan, apply; in this order.", "dim")


def _ask(options: argparse.Namespace, plans: list[Plan], where: Target) -> None:
    """Raises CommandError unless the person says yes."""
    if options.auto_approve:
        return
    if not sys.stdin.isatty():
        raise CommandError("Nobody can be asked here: say --auto-approve to do it without being asked.")
    note(f"\n{summed(plans)} in {where.words}", "bold")
    if input(f"{options.verb.capitalize()} this? Only 'yes' does: ").strip() != "yes":
        raise CommandError("Nothing was changed.")
