"""The hostile server itself: what it accepted in its last moment is closed, not left behind."""

import gc
import socket
import threading
from contextlib import ExitStack, suppress

from duijie.ports import HOST
from tests.support.hostile_server import HostileAnswer, HostileServer, serving_hostile
from tests.support.ports import free_ports


def test_a_server_that_stops_amid_connections_leaves_none_open() -> None:
    for _ in range(10):
        (port,) = free_ports(1)
        stopped = threading.Event()
        storm = threading.Thread(target=connect_until, args=(port, stopped))
        with serving_hostile(HostileServer(lambda _: HostileAnswer((b"",))), port):
            storm.start()
            socket.create_connection((HOST, port)).close()
        stopped.set()
        storm.join()

    gc.collect()  # a socket that nobody closed fails this test


def connect_until(port: int, stopped: threading.Event) -> None:
    """Connect again and again."""
    with ExitStack() as opened:
        while not stopped.is_set():
            with suppress(OSError):
                opened.enter_context(socket.create_connection((HOST, port)))
