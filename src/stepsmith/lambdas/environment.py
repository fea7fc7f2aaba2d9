"""The environment of a function's process, made from nothing: what a Lambda sees, and no more.

The names are those of "Defined runtime environment variables" in Lambda's developer guide. What comes from this
machine is listed by name in `INHERITED`: where certificates lie and which proxy leads out, without which a laptop in
a company's network reaches no vendor. No key, no profile, no home of the user ever gets in by accident.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stepsmith.lambdas.function import Function

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
_NO_PROXY = ("NO_PROXY", "no_proxy")
_CERTIFICATES = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "AWS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
)
INHERITED = (*_CERTIFICATES, *_PROXIES, *_NO_PROXY)
# Lambda says en_US.UTF-8. Many a Linux has not made that locale: programs warn, and Python puts LC_CTYPE beside it.
_LANG = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
_LOOPBACK = "localhost,127.0.0.1,::1"


@dataclass(frozen=True)
class Place:
    """What differs from process to process."""

    task_root: Path
    runtime_api: str  # host:port
    scratch: Path
    log_stream: str
    opt: Path | None = None  # what /opt is on Lambda: the function's layers


def environment(function: Function, place: Place, *, machine: Mapping[str, str]) -> dict[str, str]:
    """Everything the process sees. A function's own variables win over the defaults, never over Lambda's own."""
    return {
        **_inherited(machine),
        "AWS_DEFAULT_REGION": function.region,
        "AWS_REGION": function.region,
        "HOME": str(place.scratch),
        "LANG": _LANG,
        "PATH": _path("/usr/local/bin:/usr/bin:/bin:/opt/bin", place.opt, "bin"),
        "TMPDIR": str(place.scratch),
        "TZ": ":UTC",
        **_libraries(place),
        **function.environment,
        **_execution(function),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": place.log_stream,
        "AWS_LAMBDA_RUNTIME_API": place.runtime_api,
        "LAMBDA_RUNTIME_DIR": str(Path(__file__).parent / "bootstraps"),
        "LAMBDA_TASK_ROOT": str(place.task_root),
        "_HANDLER": function.handler,
    }


def _execution(function: Function) -> dict[str, str]:
    """ "Not defined for OS-only runtimes", says the guide."""
    is_managed = not function.runtime.startswith("provided")
    return {"AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}"} if is_managed else {}


def _libraries(place: Place) -> dict[str, str]:
    """Where programs and Node.js look for what the code and its layers bring."""
    root = f"{place.task_root}:{place.task_root}/lib"
    found = {"LD_LIBRARY_PATH": _path(root, place.opt, "lib")}
    if place.opt is not None:
        found["NODE_PATH"] = f"{place.opt}/nodejs/node_modules"
    return found


def _path(own: str, opt: Path | None, folder: str) -> str:
    return own if opt is None else f"{own}:{opt}/{folder}"


def _inherited(machine: Mapping[str, str]) -> dict[str, str]:
    """The listed settings that are set. A proxy must not swallow calls to the endpoint of this machine."""
    kept = {name: machine[name] for name in INHERITED if name in machine}
    if any(name in kept for name in _PROXIES):
        kept |= {name: ",".join(filter(None, (kept.get(name), _LOOPBACK))) for name in _NO_PROXY}
    return kept
