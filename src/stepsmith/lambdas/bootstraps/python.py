"""The Python runtime: imports the handler, then asks the Runtime API for one invocation after another.

It runs inside the function's process as `python -I -S python.py LIFELINE BYTECODE PATH...` and behaves as Lambda's
managed Python does: handler strings, context, error documents, log format, exits. Standard library only, and little of
that: `_socket`, not `socket` or `http.client` (which load 50 ms of e-mail parsing), `traceback` only once something
failed. Nothing of Stepsmith is imported: a function meets just the modules that Lambda would give it.

Facts: "Using the Lambda runtime API" and "Building Lambda functions with Python" in Lambda's developer guide; the
words of errors are those of AWS's Python runtime interface client (awslambdaric).
"""

import _sitebuiltins
import _socket
import builtins
import importlib.machinery
import json
import logging
import os
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, NoReturn

_VERSION = "/2018-06-01/runtime"
_TASK_ROOT, _STANDARD_LIBRARY = "/var/task", "/var/lang/lib/python3.12"

Handler = Callable[[Any, "LambdaContext"], Any]


class Fault(Exception):
    """An error that the runtime names itself, such as `Runtime.ImportModuleError`."""

    def __init__(self, error_type: str, message: str, trace: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.trace = trace


class RuntimeApi:
    """One connection to the engine. Its end is the engine's end, and then ours."""

    def __init__(self, address: str) -> None:
        host, port = address.rsplit(":", 1)
        self._address = address
        self._socket = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        self._socket.connect((host, int(port)))
        self._socket.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
        self._received = b""

    def next(self) -> tuple[dict[str, str], bytes]:
        """The headers (names in lower case) and the payload of the next invocation; waits for it."""
        return self._call("GET", "/invocation/next")

    def answer(self, request_id: str, body: bytes) -> None:
        self._call("POST", f"/invocation/{request_id}/response", body)

    def fail(self, path: str, error: dict[str, Any]) -> None:
        """Reports an error document at `path`: of an invocation, or of the start."""
        header = f"Lambda-Runtime-Function-Error-Type: {_header_value(error['errorType'])}\r\n"
        self._call("POST", path, json.dumps(error).encode(), header)

    def _call(self, method: str, path: str, body: bytes = b"", header: str = "") -> tuple[dict[str, str], bytes]:
        headers = f"Host: {self._address}\r\n{header}Content-Length: {len(body)}\r\n"
        self._socket.sendall(f"{method} {_VERSION}{path} HTTP/1.1\r\n{headers}\r\n".encode() + body)
        return self._answer()

    def _answer(self) -> tuple[dict[str, str], bytes]:
        while (end := self._received.find(b"\r\n\r\n")) < 0:
            self._receive()
        lines = self._received[:end].decode("latin-1").split("\r\n")[1:]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        return headers, self._body(end + 4, int(headers.get("content-length", 0)))

    def _body(self, start: int, length: int) -> bytes:
        parts, missing = [self._received[start:]], length - (len(self._received) - start)
        while missing > 0:
            parts.append(self._chunk(missing))
            missing -= len(parts[-1])
        self._received = b""
        return b"".join(parts)

    def _receive(self) -> None:
        self._received += self._chunk(65536)

    def _chunk(self, size: int) -> bytes:
        return self._socket.recv(min(size, 1 << 20)) or _engine_is_gone()


class CognitoIdentity:
    cognito_identity_id: str | None = None
    cognito_identity_pool_id: str | None = None


class ClientContext:
    """What the caller of Invoke said in ClientContext: its members `custom`, `env` and `client`."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.custom, self.env, self.client = (said.get(name) for name in ("custom", "env", "client"))


class LambdaContext:
    """The second argument of every handler."""

    identity = CognitoIdentity()

    def __init__(self, headers: dict[str, str]) -> None:
        environment = os.environ
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.invoked_function_arn = headers["lambda-runtime-invoked-function-arn"]
        self.function_name = environment["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = environment["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]  # A string, as on Lambda.
        self.log_group_name = environment["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = environment["AWS_LAMBDA_LOG_STREAM_NAME"]
        said = headers.get("lambda-runtime-client-context")
        self.client_context = ClientContext(json.loads(said)) if said else None
        self._deadline_ms = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self) -> int:
        return max(0, self._deadline_ms - int(time.time() * 1000))

    def log(self, message: object) -> None:
        sys.stdout.write(str(message))


class RequestId(logging.Filter):
    """Puts the request id into every line of the root logger."""

    current = ""

    def filter(self, record: logging.LogRecord) -> bool:
        record.aws_request_id = RequestId.current
        return True


def main(lifeline: str, bytecode: str, *path: str) -> NoReturn:
    _prepare(path)
    _keep_bytecode(bytecode, path)
    if lifeline:
        _watch(int(lifeline))
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    handler = _load_or_report(api, os.environ["_HANDLER"])
    while True:
        _serve_one(api, handler)


def _prepare(path: tuple[str, ...]) -> None:
    """What `site` and Lambda's runtime set up before any code of the function runs."""
    sys.path[:0] = path
    sys.argv[1:] = []
    builtins.exit = builtins.quit = _sitebuiltins.Quitter("exit", "Ctrl-D")
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]  # Real streams.
    _log_as_lambda()


def _keep_bytecode(folder: str, path: tuple[str, ...]) -> None:
    """Sources of the function compile into `folder`, never beside themselves. Installed packages, like the standard
    library, keep and use the bytecode that they were installed with, so it is not one prefix for all."""

    class Loader(importlib.machinery.SourceFileLoader):
        def get_code(self, fullname: str) -> Any:
            sys.pycache_prefix = folder
            try:
                return super().get_code(fullname)
            finally:
                sys.pycache_prefix = None

    roots = tuple(root for root in path if "site-packages" not in root.split("/"))
    finder = importlib.machinery.FileFinder.path_hook(
        (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES),
        (Loader, importlib.machinery.SOURCE_SUFFIXES),
        (importlib.machinery.SourcelessFileLoader, importlib.machinery.BYTECODE_SUFFIXES),
    )

    def hook(place: str) -> Any:
        if not f"{place}/".startswith(tuple(f"{root}/" for root in roots)) or "site-packages" in place.split("/"):
            raise ImportError("not a source of the function")
        return finder(place)

    sys.path_hooks.insert(0, hook)


def _log_as_lambda() -> None:
    shape = logging.Formatter(
        "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S"
    )
    shape.converter = time.gmtime
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(shape)
    handler.addFilter(RequestId())
    logging.getLogger().addHandler(handler)


def _watch(lifeline: int) -> None:
    """Ends the process group when the engine's end of the pipe closes, where the kernel cannot do so (macOS)."""
    import _thread
    import signal

    def wait() -> None:
        os.read(lifeline, 1)
        os.killpg(0, signal.SIGKILL)

    _thread.start_new_thread(wait, ())


def _load_or_report(api: RuntimeApi, name: str) -> Handler:
    try:
        return _load(name)
    except Exception as error:  # noqa: BLE001  # Whatever the function's code raises is reported.
        _report(api, "/init/error", error, "")
        os._exit(1)  # A thread of the function's must not keep a process that cannot work.


def _load(name: str) -> Handler:
    """The function that a handler string names: `module.function` or `package.module.function`."""
    module, dot, function = name.rpartition(".")
    if not dot:
        raise Fault(
            "Runtime.MalformedHandlerName", f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)"
        )
    try:
        loaded = importlib.import_module(module.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{module}': {error}") from error
    except SyntaxError as error:
        trace = f'  File "{_shown(error.filename or "")}" Line {error.lineno}\n    {error.text}'
        raise Fault("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module}': {error}", (trace,)) from error
    if not hasattr(loaded, function):
        raise Fault("Runtime.HandlerNotFound", f"Handler '{function}' missing on module '{module}'")
    return getattr(loaded, function)  # type: ignore[no-any-return]  # Whatever it is, the call will tell.


def _serve_one(api: RuntimeApi, handler: Handler) -> None:
    headers, payload = api.next()
    context = LambdaContext(headers)
    RequestId.current = context.aws_request_id
    _trace(headers.get("lambda-runtime-trace-id"))
    try:
        answer = _marshalled(handler(_event(payload), context))
    except Exception as error:  # noqa: BLE001  # As above.
        _report(api, f"/invocation/{context.aws_request_id}/error", error, context.aws_request_id)
    else:
        _flush()
        api.answer(context.aws_request_id, answer)


def _trace(header: str | None) -> None:
    if header:
        os.environ["_X_AMZN_TRACE_ID"] = header
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)


def _event(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from error


def _marshalled(answer: Any) -> bytes:
    try:
        return json.dumps(answer, ensure_ascii=False, default=_decimal).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from error


def _decimal(value: object) -> str:
    """Lambda writes a Decimal as a string and refuses whatever else JSON does not have."""
    if type(value).__name__ == "Decimal":
        return str(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _report(api: RuntimeApi, path: str, error: Exception, request_id: str) -> None:
    document = {**_described(error), "requestId": request_id}
    document["stackTrace"] = document.pop("stackTrace")
    print(f"[ERROR] {document['errorType']}: {document['errorMessage']}\nTraceback (most recent call last):")
    print("".join(document["stackTrace"]), end="")
    _flush()
    api.fail(path, document)


def _described(error: Exception) -> dict[str, Any]:
    if isinstance(error, Fault):
        return {"errorMessage": str(error), "errorType": error.error_type, "stackTrace": list(error.trace)}
    return {"errorMessage": _text(error), "errorType": type(error).__name__, "stackTrace": _frames(error.__traceback__)}


def _text(error: Exception) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001  # A __str__ of the function's own may raise; the report must not.
        return "<unprintable>"


def _frames(trace: TracebackType | None) -> list[str]:
    """The frames from the handler on, with the paths that they have on Lambda."""
    import traceback

    frames = [frame for frame in traceback.extract_tb(trace) if frame.filename != __file__]
    return traceback.format_list(
        [(_shown(frame.filename), frame.lineno or 0, frame.name, frame.line) for frame in frames]
    )


def _shown(file: str) -> str:
    standard_library = os.path.dirname(os.__file__)
    if file.startswith(standard_library + "/"):
        return _STANDARD_LIBRARY + file[len(standard_library) :]
    roots = [root for root in sys.path if file.startswith(root + "/")]
    return _TASK_ROOT + file[len(max(roots, key=len)) :] if roots else file


def _header_value(text: str) -> str:
    return "".join(letter if " " <= letter <= "~" else "?" for letter in text)


def _flush() -> None:
    """Before every report, so that the engine finds the lines of a call before its end."""
    sys.stdout.flush()
    sys.stderr.flush()


def _engine_is_gone() -> NoReturn:
    os._exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
