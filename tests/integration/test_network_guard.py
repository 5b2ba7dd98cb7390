"""No test talks to another machine, and loopback stays open."""

import socket

import pytest

from tests.support.network import NetworkBlockedError


def test_an_address_beyond_this_machine_cannot_be_connected_to() -> None:
    with socket.socket() as outgoing, pytest.raises(NetworkBlockedError, match=r"192\.0\.2\.1"):
        outgoing.connect(("192.0.2.1", 80))


def test_a_datagram_cannot_be_sent_beyond_this_machine() -> None:
    with (
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as outgoing,
        pytest.raises(NetworkBlockedError, match="2001:db8::1"),
    ):
        outgoing.sendto(b"", ("2001:db8::1", 53))


def test_a_name_of_another_machine_is_not_looked_up() -> None:
    with pytest.raises(NetworkBlockedError, match=r"portal\.example"):
        socket.getaddrinfo("portal.example", 443)


def test_loopback_stays_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("localhost", port)) as client:
            assert client.getpeername() == ("127.0.0.1", port)
