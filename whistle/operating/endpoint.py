"""/metrics and /healthz over HTTP, on this machine alone.

A monitoring agent of the machine reads them. Nothing can be asked or ordered here, and nothing
names a person; still it listens on the loopback, for what a town does is nobody's business.
"""

import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from whistle.domain.refusal import Unreachable, WhistleError, _
from whistle.operating.metrics import Metrics

LOOPBACK = "127.0.0.1"
METRICS = "text/plain; version=1.0.0; charset=utf-8"
JSON = "application/json"


class Health(msgspec.Struct, frozen=True):
    """Whether a service does its work."""

    ok: bool
    events: int = 0
    behind: int = 0  # events that the slowest view does not show yet
    parked: int = 0  # events that no view could take
    fault: str = ""  # the rule that says why, where the store cannot be read


class Endpoint:
    """A small server in a thread of its own, for as long as it is open."""

    def __init__(self, metrics: Metrics, port: int) -> None:
        """Listen on a port of the loopback, 0 for any; Unreachable when it is taken."""

        class Page(_Page):
            of = metrics

        try:
            self._server = ThreadingHTTPServer((LOOPBACK, port), Page)
        except OSError as error:
            raise Unreachable(
                _("The port {port} cannot be listened on: {fault}."),
                rule="metrics.port",
                hint=_("another port: --metrics PORT"),
                port=port,
                fault=error.strerror or str(error),
            ) from error
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        port: int = self._server.server_address[1]
        return port

    def __enter__(self) -> "Endpoint":
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def health(metrics: Metrics) -> Health:
    """How the store and its views stand: well when it answers and nothing is parked."""
    try:
        standing = metrics.standing()
    except WhistleError as error:
        return Health(ok=False, fault=error.rule or type(error).__name__.lower())
    parked = sum(len(each.parked) for each in standing.views)
    behind = max((each.behind for each in standing.views), default=0)
    return Health(ok=not parked, events=standing.events, behind=behind, parked=parked)


class _Page(BaseHTTPRequestHandler):
    """The two pages."""

    of: Metrics
    server_version = "whistle"
    sys_version = ""  # nobody need know which Python it is

    def do_GET(self) -> None:
        """Answer a request."""
        if self.path == "/metrics":
            self._send(HTTPStatus.OK, METRICS, self.of.exposition())
        elif self.path == "/healthz":
            found = health(self.of)
            status = HTTPStatus.OK if found.ok else HTTPStatus.SERVICE_UNAVAILABLE
            self._send(status, JSON, msgspec.json.encode(found) + b"\n")
        else:
            self._send(HTTPStatus.NOT_FOUND, JSON, b'{"ok":false}\n')

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_asked: Any) -> None:
        """Say nothing: who reads the figures is no event."""
