"""AWS's runtime interface client for Java: what a managed Java runtime has beside the function's own code.

It comes from Maven once, by the version in bootstraps/java/pom.xml, into a folder of the cache that is named by that
file's content. The folder is made aside and renamed: two at once are safe, and a cut download leaves nothing behind.

The client has a native part that each process would unpack to the same file of /tmp, which another one may be loading:
on Lambda a process has /tmp for itself, here it has not. So it is unpacked once, and named by the property that the
client looks for first.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from stepsmith.lambdas.bootstraps import python  # For its path.
from stepsmith.lambdas.errors import NotRunnable

POM = Path(python.__file__).parent / "java" / "pom.xml"
PROPERTY = "com.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI"
NATIVE = "libaws-lambda-jni.so"
_JAR = "aws-lambda-java-runtime-interface-client-*.jar"
_SECONDS = 300
_MAVEN = ("mvn", "--batch-mode", "--quiet", "--no-transfer-progress", "--file", str(POM))


def folder(cache: Path) -> Path:
    """Where its jars lie once they are `provided`."""
    return cache / f"java-runtime-{hashlib.sha256(POM.read_bytes()).hexdigest()[:16]}"


def options(cache: Path) -> Sequence[str]:
    """What Java is told of the client's native part; nothing on a system that it has none for."""
    native = folder(cache) / NATIVE
    return [f"-D{PROPERTY}={native}"] if native.is_file() else []


def provide(cache: Path) -> None:
    """Sees to it that the jars are there. Raises `NotRunnable`, which says what to do."""
    place = folder(cache)
    if place.is_dir():
        return
    cache.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=cache, prefix="java-runtime-"))
    try:
        _fetch(beside)
        _unpack_native(beside)
        os.rename(beside, place)
    except OSError as error:
        if not place.is_dir():  # Else somebody else has just made it.
            raise NotRunnable(f"The Java runtime cannot be put into {str(cache)!r}: {error}.") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _fetch(target: Path) -> None:
    if shutil.which("mvn") is None:
        raise NotRunnable("Functions in Java need AWS's client from Maven, which is not on PATH: install Maven 3.8.")
    copy = [*_MAVEN, "dependency:copy-dependencies", f"-DoutputDirectory={target}"]
    try:
        done = subprocess.run(copy, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise NotRunnable(f"Maven did not fetch the Java runtime in {_SECONDS} s: is its registry reached?") from error
    if done.returncode:
        told = next((line for line in done.stdout.splitlines() if "ERROR" in line), done.stderr.strip())
        raise NotRunnable(f"Maven could not fetch the Java runtime: {told[:500]}")


def _unpack_native(place: Path) -> None:
    """The native part for this system: Linux, with glibc or musl."""
    libc = "linux" if platform.libc_ver()[0] == "glibc" else "linux_musl"
    machine = {"arm64": "aarch_64", "aarch64": "aarch_64"}.get(platform.machine(), platform.machine())
    (jar,) = place.glob(_JAR)
    with zipfile.ZipFile(jar) as packed:
        name = f"jni/libaws-lambda-jni.{libc}-{machine}.so"
        if platform.system() == "Linux" and name in packed.namelist():
            (place / NATIVE).write_bytes(packed.read(name))
