"""A service that lies where it is told to, and elsewhere answers as the real one does."""

import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from typing_extensions import override

Lie = Callable[[int, bytes], tuple[int, bytes] | None]  # None: no answer at all


class Liar:
    """A proxy; `lies` by the path's end, each given the true answer."""

    def __init__(self, base_url: str, ledger: str) -> None:
        self.lies: dict[str, Lie] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(None)

            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers["Content-Length"])))

            def _answer(self, body: bytes | None) -> None:
                request = urllib.request.Request(base_url + self.path, data=body)
                if body is not None:
                    request.add_header("Content-Type", self.headers["Content-Type"])
                try:
                    with urllib.request.urlopen(request) as found:
                        status, data = found.status, found.read()
                except urllib.error.HTTPError as refused:
                    with refused:
                        status, data = refused.code, refused.read()
                path = self.path.partition("?")[0]
                lie = next((v for k, v in outer.lies.items() if path.endswith(k)), None)
                told = (status, data) if lie is None else lie(status, data)
                if told is None:
                    self.close_connection = True
                    return
                self.send_response(told[0])
                self.send_header("Content-Length", str(len(told[1])))
                self.end_headers()
                self.wfile.write(told[1])

            @override
            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.url = f"http://127.0.0.1:{self._server.server_port}/{ledger}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
