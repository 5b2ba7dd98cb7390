"""Access: an unsigned endpoint for this machine is for this machine, whatever a request says."""

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from gateway.errors import RequestRefused
from gateway.web.access import check_caller, check_origin
from gateway.web.calls import Answer, Call, SignedCall
from gateway.web.endpoints import Reach, SignedEndpoint, UnsignedEndpoint
from gateway.web.keyring import Caller, Role
from schemas.signing import Link, Suite, new_key

KEY = new_key("key-any", Suite.HMAC_SHA256)


class _From:
    """A connection's far end."""

    def __init__(self, address: str) -> None:
        self._address = address

    def get_extra_info(self, name: str, default: object = None) -> object:
        """Return the far end's address and port."""
        return (self._address, 50000) if name == "peername" else default

    def is_closing(self) -> bool:
        """Say that it is open."""
        return False


async def nothing(_: Call) -> Answer:
    return Answer(b"")


async def nothing_signed(_: SignedCall) -> Answer:
    return Answer(b"")


def unsigned(access: Reach) -> UnsignedEndpoint:
    return UnsignedEndpoint("any", "GET", "/", access, nothing)


def signed(*roles: Role) -> SignedEndpoint:
    return SignedEndpoint("any", "POST", "/", frozenset(roles), nothing_signed)


def request(address: str, **headers: str) -> web.Request:
    named = {"Host": "127.0.0.1:8080", **headers}
    return make_mocked_request("GET", "/", headers=named, transport=_From(address))


@pytest.mark.parametrize("address", ["192.0.2.7", "10.0.0.1", "::ffff:192.0.2.7", "2001:db8::1"])
def test_another_machine_is_refused(address: str) -> None:
    with pytest.raises(RequestRefused, match="this machine only"):
        check_origin(unsigned(Reach.LOOPBACK), request(address))


@pytest.mark.parametrize(
    ("name", "value"),
    [("Host", "console.example"), ("X-Forwarded-For", "192.0.2.7"), ("Via", "1.1 proxy")],
)
def test_a_foreign_name_and_a_proxy_are_refused(name: str, value: str) -> None:
    with pytest.raises(RequestRefused, match="this machine only"):
        check_origin(unsigned(Reach.LOOPBACK), request("127.0.0.1", **{name: value}))


@pytest.mark.parametrize(
    ("address", "host"),
    [("127.0.0.1", "127.0.0.1:8080"), ("::1", "[::1]:8080"), ("127.0.0.1", "localhost")],
)
def test_this_machine_is_let_in(address: str, host: str) -> None:
    check_origin(unsigned(Reach.LOOPBACK), request(address, Host=host))


def test_what_is_for_anybody_is_for_another_machine_behind_a_proxy_too() -> None:
    behind = request("192.0.2.7", Host="gateway.example", Via="1.1 proxy")

    check_origin(unsigned(Reach.ANYBODY), behind)


@pytest.mark.parametrize("declared", Role)
@pytest.mark.parametrize("role", Role)
def test_a_key_is_let_in_by_its_role_only(declared: Role, role: Role) -> None:
    caller = Caller(role, "any", Link(KEY, KEY))
    if role is declared:
        check_caller(signed(declared), caller)
    else:
        with pytest.raises(RequestRefused, match=f"a key of role {role} cannot call this"):
            check_caller(signed(declared), caller)


def test_an_endpoint_without_declared_access_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="no role may call it"):
        signed()
    with pytest.raises(TypeError, match="access"):
        SignedEndpoint(name="any", method="GET", path="/", handler=nothing_signed)  # type: ignore[call-arg] # the types refuse it first
    with pytest.raises(TypeError, match="access"):
        UnsignedEndpoint(name="any", method="GET", path="/", handler=nothing)  # type: ignore[call-arg] # the types refuse it first
