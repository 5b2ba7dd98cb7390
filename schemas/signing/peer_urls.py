"""URLs of peers (对端地址), as settings may write them.

A call is signed over the URL as written, and an HTTP client may tidy a URL up before it sends it.
So only a URL that every client leaves as it is can be the base of signed calls.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from schemas.reasons.reason import Unfit
from schemas.signing.peer_reasons import PeerReason

LONGEST_URL: Final = 2_000
_SCHEMES: Final = ("http://", "https://")
_AUTHORITY: Final = re.compile(r"(\[[^\[\]]*\]|[^\[\]:]*)(:[^:]*)?")
_LABEL: Final = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)", re.ASCII)
_HAN_NAME: Final = re.compile(
    r"[a-z0-9\u4e00-\u9fa5](?:[a-z0-9\u4e00-\u9fa5-]*[a-z0-9\u4e00-\u9fa5])?"
)
"""An international name as clients of every age know it: of Chinese characters (汉字)."""
_PORT: Final = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)
_SEGMENT: Final = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-F]{2})+", re.ASCII)
_NEEDLESS_ESCAPE: Final = re.compile(r"%(?:2D|2E|3[0-9]|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE])")
_LONGEST_HOST: Final = 253


def check_peer_url(url: str) -> str:
    """Return `url` where it can be the base of signed calls: `http(s)://host[:port][/path]`.

    Raises:
        Unfit: The rule that it breaks and the cure; no part of the URL is repeated, for it
            may hold credentials.
    """
    if len(url) > LONGEST_URL:
        raise Unfit(PeerReason.TOO_LONG.at(characters=LONGEST_URL))
    if not url.startswith(_SCHEMES):
        raise Unfit(PeerReason.SCHEME.at())
    if not all("!" <= character <= "~" for character in url):
        raise Unfit(PeerReason.NOT_ASCII.at())
    authority, _, path = url.partition("://")[2].partition("/")
    if "@" in authority:
        raise Unfit(PeerReason.CREDENTIALS.at())
    if "?" in url or "#" in url:
        raise Unfit(PeerReason.QUERY.at())
    _check_authority(authority)
    if path or url.endswith("/"):
        _check_path(path)
    return url


def check_plain_http(url: str, *, allowed: bool) -> None:
    """Let a checked URL pass if nobody on the way can read what is sent to it, or if `allowed`.

    Raises:
        Unfit: It is plain http to another machine.
    """
    if url.startswith("http://") and not allowed and not is_loopback(_host_of(url)):
        raise Unfit(PeerReason.PLAIN_HTTP.at())


def is_loopback(host: str) -> bool:
    """Return whether a host name or an IP address means this machine only."""
    if host.lower() == "localhost":
        return True
    address = _as_ip(host.strip("[]"))
    return address is not None and address.is_loopback


def _host_of(url: str) -> str:
    authority = url.partition("://")[2].partition("/")[0]
    found = _AUTHORITY.fullmatch(authority)
    return found[1] if found else ""


def _check_authority(authority: str) -> None:
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        raise Unfit(PeerReason.NO_HOST.at())
    _check_host(found[1])
    if found[2] is not None:
        _check_port(found[2][1:])
    address = _as_ip(found[1].strip("[]"))
    if address is not None and (address.is_unspecified or address.is_multicast):
        raise Unfit(PeerReason.NO_MACHINE.at())


def _check_port(port: str) -> None:
    if _PORT.fullmatch(port) is None or int(port) > 65_535:
        raise Unfit(PeerReason.PORT.at())


def _check_host(host: str) -> None:
    if host.startswith("["):
        if not isinstance(_as_ip(host[1:-1]), IPv6Address) or "%" in host:
            raise Unfit(PeerReason.NO_IPV6.at())
        return
    labels = host.split(".")
    if len(host) > _LONGEST_HOST or not all(map(_is_label, labels)):
        raise Unfit(PeerReason.HOST.at())
    last = labels[-1].lower()
    is_numeric = last.isdigit() or last.startswith("0x")
    if is_numeric and not isinstance(_as_ip(host), IPv4Address):
        raise Unfit(PeerReason.NO_IPV4.at())


def _is_label(label: str) -> bool:
    if _LABEL.fullmatch(label) is None:
        return False
    lowered = label.lower()
    if not lowered.startswith("xn--"):
        return True
    try:
        name = lowered.encode("ascii").decode("idna")
        return _HAN_NAME.fullmatch(name) is not None and name.encode("idna") == lowered.encode()
    except UnicodeError:
        return False


def _check_path(path: str) -> None:
    segments = path.split("/")
    if "" in segments:
        raise Unfit(PeerReason.EMPTY_SEGMENT.at())
    if not all(map(_SEGMENT.fullmatch, segments)) or _NEEDLESS_ESCAPE.search(path):
        raise Unfit(PeerReason.PATH.at())
    if {".", ".."} & set(segments):
        raise Unfit(PeerReason.DOT_SEGMENT.at())


def _as_ip(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
