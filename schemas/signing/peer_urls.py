"""URLs of peers (对端地址), as settings may write them.

A call is signed over the URL as written, and an HTTP client may tidy a URL up before it sends it.
So only a URL that every client leaves as it is can be the base of signed calls.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

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
_FORM: Final = "write it as https://host[:port][/path]"
_LONGEST_HOST: Final = 253


def check_peer_url(url: str) -> str:
    """Return `url` where it can be the base of signed calls: `http(s)://host[:port][/path]`.

    Raises:
        ValueError: The rule that it breaks and the cure; no part of the URL is repeated, for it
            may hold credentials.
    """
    if len(url) > LONGEST_URL:
        raise ValueError(f"longer than {LONGEST_URL} characters; use a shorter address")
    if not url.startswith(_SCHEMES):
        raise ValueError(f"neither http:// nor https:// at the beginning; {_FORM}")
    if not all("!" <= character <= "~" for character in url):
        raise ValueError("a character that is not printable ASCII; percent-encode it")
    authority, _, path = url.partition("://")[2].partition("/")
    if "@" in authority:
        raise ValueError("credentials inside; remove them: calls are authenticated by keys")
    if "?" in url or "#" in url:
        raise ValueError("a query or a fragment inside; end it with the path")
    _check_authority(authority)
    if path or url.endswith("/"):
        _check_path(path)
    return url


def check_plain_http(url: str, *, allowed: bool) -> None:
    """Let a checked URL pass if nobody on the way can read what is sent to it, or if `allowed`.

    Raises:
        ValueError: It is plain http to another machine.
    """
    if url.startswith("http://") and not allowed and not is_loopback(_host_of(url)):
        raise ValueError(
            "plain http to another machine can be read on the way; use https, or set "
            "allow_plain_http = true where the network itself is encrypted"
        )


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
        raise ValueError(f"no host and port after the scheme; {_FORM}")
    _check_host(found[1])
    if found[2] is not None:
        _check_port(found[2][1:])
    address = _as_ip(found[1].strip("[]"))
    if address is not None and (address.is_unspecified or address.is_multicast):
        raise ValueError("the host is no address of one machine; name the machine to call")


def _check_port(port: str) -> None:
    if _PORT.fullmatch(port) is None or int(port) > 65_535:
        raise ValueError("the port is not a number from 1 to 65535; correct it")


def _check_host(host: str) -> None:
    if host.startswith("["):
        if not isinstance(_as_ip(host[1:-1]), IPv6Address) or "%" in host:
            raise ValueError("the host in brackets is no IPv6 address without a zone; correct it")
        return
    labels = host.split(".")
    if len(host) > _LONGEST_HOST or not all(map(_is_label, labels)):
        raise ValueError(
            "the host is neither a name nor an IP address; names have labels of 1 to 63 letters, "
            "digits and hyphens between dots (a Chinese name in its xn-- form)"
        )
    last = labels[-1].lower()
    is_numeric = last.isdigit() or last.startswith("0x")
    if is_numeric and not isinstance(_as_ip(host), IPv4Address):
        raise ValueError("the host looks like an IPv4 address and is none; write four numbers")


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
        raise ValueError("an empty path segment or a slash at the end; remove it")
    if not all(map(_SEGMENT.fullmatch, segments)) or _NEEDLESS_ESCAPE.search(path):
        raise ValueError(
            "a path that would be sent otherwise than it is signed; percent-encode everything but "
            "letters, digits and -._~!$&'()*+,;=:@ with capital hexadecimal digits, and only that"
        )
    if {".", ".."} & set(segments):
        raise ValueError("a dot segment in the path; write the path that remains without it")


def _as_ip(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
