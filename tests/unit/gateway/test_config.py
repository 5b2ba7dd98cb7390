"""Addresses as settings write them."""

import pytest

from gateway.config import split_address


@pytest.mark.parametrize(
    ("address", "parts"),
    [("127.0.0.1:0", ("127.0.0.1", 0)), ("[::1]:8080", ("::1", 8080))],
)
def test_an_address_falls_into_host_and_port(address: str, parts: tuple[str, int]) -> None:
    assert split_address(address) == parts
