"""`build-support/infra synth ...`: writes this repository as Terraform JSON (synthesis.py says where).

    synth --env dev --region eu-central-1 --account 123456789012 --out dist/infra/dev
          [--endpoint URL] [--state s3://bucket/prefix] [--dist DIR] [--root DIR] [--disposable]
          [--subnets subnet-0a,subnet-0b --security-groups sg-0c]

No cloud, no network and no artifact is needed; node is. Exit code 2 with one sentence where something is wrong.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.errors import InfraError

ROOT = Path(__file__).resolve().parents[1]


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="build-support/infra", description="Terraform, made from the folders.")
    synth = parser.add_subparsers(dest="command", required=True).add_parser("synth", help="write the Terraform JSON")
    synth.add_argument("--env", default="dev", metavar="NAME", help="the environment (default: %(default)s)")
    synth.add_argument("--region", default="us-east-1", metavar="NAME", help="(default: %(default)s)")
    synth.add_argument("--account", required=True, metavar="ID", help="the twelve digits of the AWS account")
    synth.add_argument("--endpoint", metavar="URL", help="a local endpoint in place of AWS")
    synth.add_argument("--state", metavar="s3://BUCKET/PREFIX", help="where state is kept (default: beside the root)")
    synth.add_argument("--subnets", metavar="IDS", help='of your VPC, for tools of network "vpc", with commas')
    synth.add_argument("--security-groups", metavar="IDS", help="of the same")
    synth.add_argument("--out", type=Path, required=True, metavar="DIR", help="where it is written")
    synth.add_argument("--dist", type=Path, metavar="DIR", help="the artifacts (default: dist of the repository)")
    synth.add_argument("--root", type=Path, default=ROOT, metavar="DIR", help="the repository (default: this one)")
    synth.add_argument("--disposable", action="store_true", help="destroy takes data and secrets with it")
    return parser


def synth(options: argparse.Namespace) -> None:
    """Raises InfraError."""
    from infra.contents import Contents
    from infra.site import Placement, Site, State, Target, deployment

    site = Site(
        deployment(options.env, options.region, options.account),
        artifacts=_seen_from_the_root(options.dist or options.root / "dist", options.out),
        target=Target(options.endpoint),
        state=State.parse(options.state),
        vpc=Placement.parse(options.subnets, options.security_groups),
        disposable=options.disposable,
    )
    contents = Contents(options.root)
    if not (contents.tools or contents.callers or contents.agents):
        raise InfraError(f"--root: there is no tool, caller or agent in {str(options.root)!r}. Name the repository.")
    from infra.constructs.placements import unnamed  # node is looked for here
    from infra.synthesis import synthesise, write

    files = synthesise(site, contents)
    try:
        write(files, options.out)
    except OSError as error:
        raise InfraError(f"--out: {str(options.out)!r} cannot be written ({error.strerror}).") from error
    if said := unnamed(site, contents):
        print(said, file=sys.stderr)
    print(f"Written to {options.out}")


def _seen_from_the_root(dist: Path, out: Path) -> str:
    """Relative, so that Terraform is given no path of this machine."""
    return Path(os.path.relpath(dist.absolute(), out.absolute() / "root")).as_posix()


def main(words: Sequence[str] | None = None) -> int:
    try:
        synth(arguments().parse_args(words))
    except InfraError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
