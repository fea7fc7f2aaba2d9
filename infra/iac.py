"""The only door to cdktf: every name of it, and of the AWS provider, that the constructs use.

cdktf was archived by its maker in December 2025; its fork cdktn has the same API. To move, change the imports of this
file and two lines of 3rdparty/python/infra.txt (docs/infra.md).

Importing any module of the provider would first run its package's `__init__`, which loads 4,273 modules (half a
minute, half a gigabyte). The package is registered here without running it, so that only the modules named below load.
"""
# mypy: implicit-reexport

import importlib.util
import json
import os
import shutil
import sys
from typing import Any

from infra.errors import InfraError

os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
if not shutil.which(os.environ.get("JSII_NODE", "node")):
    raise InfraError("node is not installed: cdktf runs on it. Install Node.js 20 or newer, then try again.")


def _register(package: str) -> None:
    """Makes `package` importable without running its __init__."""
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise InfraError(f"{package} is not installed: start by build-support/infra, which installs it.")
    sys.modules.setdefault(package, importlib.util.module_from_spec(spec))


_register("cdktf_cdktf_provider_aws")


def literal(text: str) -> str:
    """The text as Terraform must be given it to mean just that: ``${`` and ``%{`` begin no template."""
    return text.replace("${", "$${").replace("%{", "%%{")


def json_text(value: Any) -> str:
    """Compact JSON as a literal text: policies, definitions."""
    return literal(json.dumps(value, separators=(",", ":"), ensure_ascii=False))
