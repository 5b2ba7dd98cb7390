"""URLs of peers: only what is sent exactly as it is signed; addresses that can be listened at."""

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yarl import URL

from schemas.signing import Target
from schemas.signing.peer_urls import (
    LONGEST_URL,
    check_peer_url,
    check_plain_http,
    is_loopback,
)

HOSTS = st.one_of(
    st.from_regex(r"[a-zA-Z0-9_.-]{1,12}", fullmatch=True),
    st.from_regex(r"xn--[a-z0-9-]{1,6}", fullmatch=True),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(lambda address: f"[{address}]"),
)
PORTS = st.sampled_from(["", ":80", ":443", ":8080", ":080", ":0", ":99999", ":"])
PATHS = st.from_regex(r"(/[!-~]{0,5}){0,3}", fullmatch=True)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8600",
        "https://portal.example",
        "https://portal.example:443/entry/v1",
        "https://[2001:db8::1]:8443/entry",
        "https://my_service/a%2Fb/%E5%8A%9E",
        "https://xn--fiq71iw9dfvs/x",
        "https://portal.example/a;v=1,2:x@y",
    ],
)
def test_a_usable_url_is_taken_as_it_is(url: str) -> None:
    assert check_peer_url(url) == url


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("", "neither http"),
        ("ftp://portal.example", "neither http"),
        ("HTTPS://portal.example", "neither http"),
        ("portal.example:8600", "neither http"),
        ("https://", "the host is neither"),
        ("https:///entry", "the host is neither"),
        ("https://user:hunter2@portal.example", "credentials"),
        ("https://hunter2@portal.example/entry", "credentials"),
        ("https://portal.example:99999", "port"),
        ("https://portal.example:0", "port"),
        ("https://portal.example:", "port"),
        ("https://portal.example:080", "port"),
        ("https://portal.example:8o80", "port"),
        ("https://portal.example:80:80", "no host and port"),
        ("https://portal.example?x=1", "query or a fragment"),
        ("https://portal.example/entry#part", "query or a fragment"),
        ("https://portal.example/", "slash at the end"),
        ("https://portal.example/entry/", "slash at the end"),
        ("https://portal.example/a//b", "empty path segment"),
        ("https://portal.example/{b}", "otherwise than it is signed"),
        ("https://portal.example/a b", "printable ASCII"),
        ("https://portal.example/办", "printable ASCII"),
        ("https://portal.example\n", "printable ASCII"),
        ('https://portal.example/"b"', "otherwise than it is signed"),
        ("https://portal.example/a\\b", "otherwise than it is signed"),
        ("https://portal.example/%zz", "otherwise than it is signed"),
        ("https://portal.example/%e5", "otherwise than it is signed"),
        ("https://portal.example/%41", "otherwise than it is signed"),
        ("https://portal.example/%2E%2E/x", "otherwise than it is signed"),
        ("https://portal.example/a/../b", "dot segment"),
        ("https://portal.example/./b", "dot segment"),
        ("https://-portal.example", "the host is neither"),
        ("https://portal..example", "the host is neither"),
        ("https://portal.example.", "the host is neither"),
        (f"https://{'x' * 64}.example", "the host is neither"),
        (f"https://{'x.' * 130}example", "the host is neither"),
        ("https://xn--000n", "the host is neither"),
        ("https://127.1", "looks like an IPv4"),
        ("https://2130706433", "looks like an IPv4"),
        ("https://0x7f000001", "looks like an IPv4"),
        ("https://256.1.1.1", "looks like an IPv4"),
        ("https://[::1", "no host and port"),
        ("https://[::g]", "in brackets"),
        ("https://[fe80::1%25eth0]", "in brackets"),
        ("https://0.0.0.0:8080", "no address of one machine"),
        ("https://[::]:8080", "no address of one machine"),
        ("https://224.0.0.1", "no address of one machine"),
        (f"https://portal.example/{'x' * LONGEST_URL}", "longer than"),
    ],
)
def test_an_impossible_url_is_refused_by_rule_and_never_repeated(url: str, rule: str) -> None:
    with pytest.raises(ValueError, match=rule) as refused:
        check_peer_url(url)

    assert "hunter2" not in str(refused.value)
    assert url == "" or url not in str(refused.value)


@settings(max_examples=300, deadline=None)
@given(scheme=st.sampled_from(["http", "https"]), host=HOSTS, port=PORTS, path=PATHS)
def test_what_is_accepted_is_sent_exactly_as_it_is_signed(
    scheme: str, host: str, port: str, path: str
) -> None:
    url = f"{scheme}://{host}{port}{path}"
    try:
        check_peer_url(url)
    except ValueError:
        return
    called = f"{url}/ping?limit=1"
    signed = Target.from_url("GET", called)
    sent = httpx.Request("GET", called)

    assert sent.headers["Host"].lower() == signed.authority
    on_the_wire = URL(str(sent.url), encoded=True).raw_path_qs
    assert on_the_wire == f"{signed.path}?{signed.query}"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"])
def test_plain_http_stays_on_this_machine(host: str) -> None:
    assert is_loopback(host)
    named = f"[{host}]" if host == "::1" else host
    check_plain_http(f"http://{named}:8600", allowed=False)


@pytest.mark.parametrize(
    "host", ["portal.example", "10.0.0.1", "[2001:db8::1]", "localhost.example"]
)
def test_plain_http_to_another_machine_has_to_be_meant(host: str) -> None:
    with pytest.raises(ValueError, match="allow_plain_http"):
        check_plain_http(f"http://{host}:8600", allowed=False)

    check_plain_http(f"http://{host}:8600", allowed=True)
    check_plain_http(f"https://{host}:8600", allowed=False)
