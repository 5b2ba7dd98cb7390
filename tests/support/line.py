"""A line between a client and a server that a test cuts, silences, or robs of one answer."""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final
from urllib.parse import urlsplit

_TICK_S: Final = 0.02
_BYTES: Final = 1 << 16


class NetworkLine:
    """Forwards TCP connections to a server while nobody tells it otherwise.

    `silent` swallows whatever either side says, without a word of it to the other. `refusing` ends
    every connection, old and new. `robs` swallows the answer to the first request that holds it.
    """

    def __init__(self, host: str, port: int) -> None:
        self.server = (host, port)
        """Where new connections lead."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.silent = self.refusing = False
        self.robs: bytes | None = None
        self.robbed = threading.Event()
        self.opened = 0
        """How many connections were made."""
        self.cut = 0
        """How many of them have ended."""
        self._closed = threading.Event()
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        """End everything."""
        self._closed.set()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _listen(self) -> None:
        while not self._closed.is_set():
            if not select.select([self._listener], [], [], _TICK_S)[0]:
                continue
            client, _ = self._listener.accept()
            if self.refusing:
                client.close()
                continue
            self.opened += 1
            thread = threading.Thread(target=self._forward, args=(client,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _forward(self, client: socket.socket) -> None:
        self._exchange(client)
        self.cut += 1

    def _exchange(self, client: socket.socket) -> None:
        robbed = False
        with suppress(OSError), client, socket.create_connection(self.server) as server:
            while not (self._closed.is_set() or self.refusing):
                for one in select.select([client, server], [], [], _TICK_S)[0]:
                    data = one.recv(_BYTES)
                    if not data:
                        self._wait_out_the_silence()
                        return
                    robbed = robbed or self._robs(data, from_client=one is client)
                    if one is client and not self.silent:
                        server.sendall(data)
                    elif one is server and not self.silent and not robbed:
                        client.sendall(data)
                    elif one is server and robbed and data:
                        self.robbed.set()
                        return

    def _wait_out_the_silence(self) -> None:
        """Keep an end of the connection to itself as long as the line is silent."""
        while self.silent and not self._closed.wait(_TICK_S):
            pass

    def _robs(self, data: bytes, *, from_client: bool) -> bool:
        if not from_client or self.robs is None or self.robs not in data:
            return False
        self.robs = None
        return True


@contextmanager
def a_line(url: str) -> Iterator[tuple[NetworkLine, str]]:
    """Give a line to the server of a URL, and the URL by way of the line."""
    parts = urlsplit(url)
    line = NetworkLine(parts.hostname or "127.0.0.1", parts.port or 5432)
    userinfo, at, _ = parts.netloc.rpartition("@")
    try:
        yield line, parts._replace(netloc=f"{userinfo}{at}127.0.0.1:{line.port}").geturl()
    finally:
        line.close()
