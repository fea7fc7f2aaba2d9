"""Deploys the agents, tools and model callers of this repository by Terraform: to AWS, or (--local) to the endpoint of
`stepsmith up`.

  synth     writes everything as Terraform's JSON; plain `terraform` works on that, too
  plan      shows what would change
  apply     shows it, asks, and does it
  destroy   takes everything of the environment away again

Artifacts that are missing or older than their sources are built first. Environments share an account: --env dev and
--env prod have names of their own. The state lies beside what is written; a team keeps it in S3: --state s3://BUCKET/PREFIX,
or STEPSMITH_STATE in .env. On AWS, --subnets and --security-groups place tools whose network is "vpc". docs/deploy.md
"""

from __future__ import annotations

import argparse
import asyncio
import shlex
import sys
import time
from functools import partial
from typing import Any, Literal

from ..changes import Progress, is_altering, listed, summed
from ..errors import COMPLETED, CommandError
from ..settings import Settings, read
from ..synthesis import root_of, synthesise
from ..target import Target, target
from ..target import arguments as target_arguments
from ..terminal import note, say, seconds
from ..terraform import adoption, kept, program, provider
from ..terraform.events import Did, Event
from ..terraform.faults import TerraformError
from ..terraform.root import Change, Root, Terraform
from ..terraform.workplace import carrying_out, held

Verb = Literal["synth", "plan", "apply", "destroy"]
VERBS: tuple[Verb, ...] = ("synth", "plan", "apply", "destroy")
CHOICES = {
    "state": "STEPSMITH_STATE",
    "subnets": "STEPSMITH_SUBNETS",
    "security_groups": "STEPSMITH_SECURITY_GROUPS",
}
"""What the synthesis is told, if it is said: options, and the variables that say the same."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("verb", choices=VERBS, help="what to do")
    target_arguments(parser)
    parser.add_argument("--state", metavar="URI", help="s3://BUCKET/PREFIX for Terraform's state (or STEPSMITH_STATE)")
    parser.add_argument("--subnets", metavar="IDS", help='of your VPC, for tools of network "vpc" (STEPSMITH_SUBNETS)')
    parser.add_argument("--security-groups", metavar="IDS", help="of the same (STEPSMITH_SECURITY_GROUPS)")
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
            _say_how_to_go_on(root_of(where), where)
        else:
            asyncio.run(_work(settings, where, options, lock))
    return COMPLETED


async def _work(settings: Settings, where: Target, options: argparse.Namespace, lock: int) -> None:
    began = time.monotonic()
    found = program.found(settings.root, where.variables)
    root = root_of(where)
    if not (options.verb == "destroy" and root.configuration.is_file()):
        _synthesised(settings, where, options)
    work = Work(where, root, _terraform(found, root, where, lock), options)
    say(f"{await work.done()} · {seconds(time.monotonic() - began)}", "bold")


def _terraform(found: program.Program, root: Root, where: Target, lock: int) -> Terraform:
    """Terraform with the provider that the root requires."""
    required = root.provider()
    mirror = provider.mirror(required, where.variables)
    source = f"from {mirror}" if mirror else "from the registry"
    note(f"Terraform {found.version}, {required.source} {required.version} {source}; {where.words}", "dim")
    return Terraform(found, root, mirror, lock)


class Work:
    """One command on one target."""

    def __init__(self, where: Target, root: Root, terraform: Terraform, options: argparse.Namespace) -> None:
        self._where, self._root, self._terraform, self._options = where, root, terraform, options
        self._destroys = options.verb == "destroy"

    async def done(self) -> str:
        """Does what was asked; says in one line what that was."""
        if kept.restore(self._root):
            note("Terraform was killed while it wrote its state: what it had written before is used.", "yellow")
        await self._terraform.init()
        if self._options.verb == "plan":
            return summed(await self._planned())
        if self._options.auto_approve and not self._options.full:
            return await self._carried_out(is_planned=False)
        changes = await self._planned()
        if not changes:
            return summed(changes)
        self._ask(changes)
        return await self._carried_out(is_planned=True)

    async def _planned(self) -> tuple[Change, ...]:
        changes = await self._terraform.plan(destroy=self._destroys)
        if self._options.full:
            say(await self._terraform.shown())
        elif not self._options.quiet:
            listed(changes, await self._terraform.details() if any(map(is_altering, changes)) else {})
        return changes

    def _ask(self, changes: tuple[Change, ...]) -> None:
        """Raises CommandError unless the person says yes, or has said so."""
        if self._options.auto_approve:
            return
        if not sys.stdin.isatty():
            raise CommandError("Nobody can be asked here: say --auto-approve to do it without being asked.")
        note(f"\n{summed(changes)}: {self._where.words}", "bold")
        if input(f"{self._options.verb.capitalize()} this? Only 'yes' does: ").strip() != "yes":
            raise CommandError("Nothing was changed.")

    async def _carried_out(self, is_planned: bool) -> str:
        progress = Progress(self._options.quiet)
        try:
            with carrying_out(self._where.folder) as was_cut:
                may_adopt = (was_cut or self._options.adopt) and not self._destroys
                if may_adopt:
                    is_planned = not await self._adopts_functions()
                await self._apply(progress, is_planned, may_adopt)
        finally:
            adoption.forget(self._root)
        return progress.summed

    async def _apply(self, progress: Progress, is_planned: bool, may_adopt: bool) -> None:
        """Applies; again, as long as something is there that can be taken over."""

        def told(event: Event) -> None:
            progress(event)
            if isinstance(event, Did):
                kept.keep(self._root)

        try:
            if is_planned:
                await self._terraform.apply(told)
            else:
                await self._terraform.plan_and_apply(told, self._destroys)
        except TerraformError as error:
            there = adoption.in_the_way(error)
            if not (may_adopt and there and self._adopts(there, await self._details())):
                raise
            await self._apply(progress, False, may_adopt)

    async def _adopts_functions(self) -> bool:
        details = await self._details()
        there = adoption.functions_there(details, partial(_is_there, self._where.client("lambda")))
        return self._adopts(there, details)

    def _adopts(self, there: frozenset[str], details: dict[str, Any]) -> bool:
        """Whether what is there can be taken over; Terraform will at its next start."""
        return adoption.adopt(self._root, there, details, self._where.deployment.arn)

    async def _details(self) -> dict[str, Any]:
        """Plans, for what the plan holds."""
        await self._terraform.plan()
        return await self._terraform.details()


def _is_there(functions: Any, name: str) -> bool:
    """Whether the key's account has the function, as far as the key may know."""
    from botocore.exceptions import ClientError

    try:
        functions.get_function_configuration(FunctionName=name)
    except ClientError:
        return False
    return True


def _synthesised(settings: Settings, where: Target, options: argparse.Namespace) -> None:
    said = {name: getattr(options, name) or settings.environment.get(variable) for name, variable in CHOICES.items()}
    synthesise(settings, where, {name: value for name, value in said.items() if value})


def _say_how_to_go_on(root: Root, where: Target) -> None:
    mirror = provider.mirror(root.provider(), where.variables)
    init = ["terraform", f"-chdir={root.folder}", "init", *([f"-plugin-dir={mirror}"] if mirror else [])]
    say(f"Written to {root.folder}")
    say(f"Plain Terraform works there: {shlex.join(init)}, then plan and apply.", "dim")
