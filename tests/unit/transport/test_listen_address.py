"""Listening addresses as settings write them."""

from pathlib import Path

import pytest

from transport.listen_address import (
    TcpAddress,
    UnixAddress,
    read_listen_address,
    read_tcp_address,
)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:0", TcpAddress("127.0.0.1", 0)),
        ("[::1]:8080", TcpAddress("::1", 8080)),
        ("gw-1.example:65535", TcpAddress("gw-1.example", 65_535)),
        ("gateway:65535", TcpAddress("gateway", 65_535)),
        ("localhost:8082", TcpAddress("localhost", 8082)),
        ("unix:/run/duijie/console.sock", UnixAddress(Path("/run/duijie/console.sock"))),
    ],
)
def test_an_address_is_read_and_written_alike(text: str, address: TcpAddress | UnixAddress) -> None:
    assert read_listen_address(text) == address
    assert str(address) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("8080", "needs a host and a port"),
        (":8080", "needs a host and a port"),
        ("127.0.0.1", "needs a host and a port"),
        ("127.0.0.1:", "needs a host and a port"),
        ("127.0.0.1:-1", "needs a host and a port"),
        ("[::x]:8080", "needs a host and a port"),
        ("::1:8080", "needs a host and a port"),
        ("a b:80", "needs a host and a port"),
        ("http://a:80", "needs a host and a port"),
        ("me@a:80", "needs a host and a port"),
        ("127.0.0.1:65536", "the port is above 65535"),
        ("127.0.0.1:99999", "the port is above 65535"),
        ("127.0.0.1:100000", "needs a host and a port"),
        ("256.0.0.1:80", "neither an IP address nor a host name"),
        ("1.2.3:80", "neither an IP address nor a host name"),
        ("[::1::]:80", "neither an IP address nor a host name"),
        ("[127.0.0.1]:80", "neither an IP address nor a host name"),
        ("-gw.example:80", "neither an IP address nor a host name"),
        ("gw..example:80", "neither an IP address nor a host name"),
        ("网关:80", "neither an IP address nor a host name"),
        ("a" * 64 + ":80", "neither an IP address nor a host name"),
    ],
)
def test_what_is_no_address_is_refused_by_rule(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_tcp_address(text)


@pytest.mark.parametrize("text", ["unix:", "unix:run/", "unix:a\0b", "unix:" + "a" * 108])
def test_what_is_no_path_of_a_socket_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="socket"):
        read_listen_address(text)


@pytest.mark.parametrize(
    ("one", "other", "collide"),
    [
        ("127.0.0.1:80", "127.0.0.1:80", True),
        ("0.0.0.0:80", "127.0.0.1:80", True),
        ("127.0.0.1:80", "[::]:80", True),
        ("127.0.0.1:80", "127.0.0.2:80", False),
        ("127.0.0.1:80", "127.0.0.1:81", False),
        ("127.0.0.1:0", "127.0.0.1:0", False),
    ],
)
def test_two_addresses_collide_where_one_port_would_be_taken_twice(
    one: str, other: str, *, collide: bool
) -> None:
    assert read_tcp_address(one).collides_with(read_tcp_address(other)) is collide
