"""GOV.UK Notify's three addresses that we use, on 127.0.0.1: it takes messages, now and then hangs up after
taking one,

keeps every one it took, and answers by reference. It lives in the test's own process, so no crash makes it
forget.
"""

import json
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class NotifyTwin:
    """Counts what it took by our reference. `hang_up` of one in so many, from a seed; `takes` seconds for
    each."""

    def __init__(
        self, *, seed: int, clock: Callable[[], datetime], hang_up: float = 0.1, takes: float = 0.05
    ) -> None:
        self.taken: list[tuple[str, datetime]] = []
        self.hung_up = 0
        self._lock = threading.Lock()
        chance = random.Random(seed)
        twin = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                time.sleep(takes)
                with twin._lock:
                    twin.taken.append((asked["reference"], clock()))
                    dead = chance.random() < hang_up
                    twin.hung_up += dead
                if dead:
                    self.close_connection = True
                    self.connection.close()
                else:
                    self._answer(201, {"id": str(uuid.uuid4()), "reference": asked["reference"]})

            def do_GET(self) -> None:
                [reference] = parse_qs(urlsplit(self.path).query)["reference"]
                with twin._lock:
                    found = [
                        {"id": str(uuid.uuid4()), "reference": ref}
                        for ref, _at in twin.taken
                        if ref == reference
                    ]
                self._answer(200, {"notifications": found, "links": {}})

            def _answer(self, status: int, body: dict) -> None:
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *words: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *about: object) -> None:
                """A worker that was killed leaves its line open: that is the point."""

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def counted(self) -> Counter:
        """How often each reference was taken."""
        with self._lock:
            return Counter(reference for reference, _at in self.taken)

    def times(self) -> list[datetime]:
        """When, by the portal's clock, each was taken."""
        with self._lock:
            return [at for _reference, at in self.taken]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
