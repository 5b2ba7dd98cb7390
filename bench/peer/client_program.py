"""同类软件的客户端: sends, lists, downloads and acknowledges, each exchange between two mailboxes.

Run by the Python of the peer's environment: `client_program.py URL UNDER_WAY COUNT`, the message on
stdin. Each of `UNDER_WAY` threads has clients of its own, connected before the time is taken; every
message is compared with what was sent. Prints the seconds that `COUNT` exchanges took.
"""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from time import perf_counter
from typing import Final

from mesh_client import MeshClient

_PASSWORD: Final = "password"  # noqa: S105 - that of the sandbox's own mailboxes
_SHARED_KEY: Final = b"BenchKey"
_WORKFLOW: Final = "APPLICATION"
_FIRST: Final = 100


def _client(url: str, mailbox: str) -> MeshClient:
    return MeshClient(url, mailbox, _PASSWORD, shared_key=_SHARED_KEY, max_retries=0)


def _exchange(url: str, number: int, count: int, message: bytes, ready: threading.Barrier) -> None:
    """Send `count` messages from one mailbox to another, each after the last was acknowledged."""
    to = f"TAKER{_FIRST + number}"
    with ExitStack() as clients:
        sender = clients.enter_context(_client(url, f"SENDER{_FIRST + number}"))
        taker = clients.enter_context(_client(url, to))
        sender.handshake()
        taker.handshake()
        ready.wait()
        for _ in range(count):
            sent = sender.send_message(to, message, workflow_id=_WORKFLOW)
            (waiting,) = taker.list_messages()
            received = taker.retrieve_message(waiting)
            if waiting != sent or received.read() != message:
                raise RuntimeError("another message came")
            received.acknowledge()


def main(url: str, under_way: int, count: int) -> None:
    """Print how many seconds `count` exchanges took, `under_way` at any time."""
    message = sys.stdin.buffer.read()
    with _client(url, f"SENDER{_FIRST}") as first:
        first.handshake()  # several first calls at once: the sandbox makes a store each, loses mail
    ready = threading.Barrier(under_way + 1)
    with ThreadPoolExecutor(under_way) as threads:
        working = [
            threads.submit(_exchange, url, number, count // under_way, message, ready)
            for number in range(under_way)
        ]
        ready.wait()
        started = perf_counter()
        for one in working:
            one.result()
        sys.stdout.write(f"{perf_counter() - started}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
