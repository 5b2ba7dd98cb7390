"""The signature base (签名基串): the exact bytes a signature stands for (RFC 9421 section 2.5)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, Self
from urllib.parse import urlsplit

from schemas.signing.signature_errors import SignatureErrorCode, SignatureRejected

_ABSOLUTE: Final = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)
_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}


class Headers(Protocol):
    """Header lines by name, upper and lower case alike, such as multidict's `CIMultiDict`."""

    def getall(self, key: str, default: list[str], /) -> list[str]:
        """Return the values in the order of the lines, or `default`."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """What a request asks for, as it stands on the wire: never decoded, never tidied up.

    `authority` is in lower case without the scheme's default port; `query` has no `?`.
    """

    method: str
    authority: str
    path: str
    query: str

    @classmethod
    def from_url(cls, method: str, url: str) -> Self:
        """Return the target of an absolute URL, written exactly as the client will send it.

        Raises:
            ValueError: Not an absolute http(s) URL in printable ASCII, or one with a user name.
        """
        if not (url.isascii() and url.isprintable()) or " " in url:
            raise ValueError("a URL to sign is printable ASCII, percent-encoded")
        parts = urlsplit(url)
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
            raise ValueError("a URL to sign is http(s)://host[:port]/path[?query]")
        authority = _authority(parts.scheme, parts.netloc)
        return cls(method.upper(), authority, parts.path or "/", parts.query)

    @classmethod
    def received(cls, method: str, host: str, raw_target: str, *, scheme: str = "http") -> Self:
        """Return the target of a received request: `Host` header and the request line's target.

        Both are read as they came, byte for byte: a path that was encoded otherwise on its way is
        another path than the one signed. A target in absolute form names the authority by itself,
        and a `Host` that names another one (RFC 9112 section 3.2.2) makes it nobody's.

        Raises:
            SignatureRejected: `malformed`: both name an authority, and not the same one; or the
                target has a fragment, which is never sent.
        """
        authority = _authority(scheme, host)
        absolute = _ABSOLUTE.match(raw_target)
        if absolute is not None:
            raw_target = raw_target[absolute.end() :]
            if _authority(scheme, absolute[1]) != authority:
                raise SignatureRejected(
                    SignatureErrorCode.MALFORMED, "target and Host name different authorities"
                )
        path, _, query = raw_target.partition("?")
        if "#" in raw_target:
            raise SignatureRejected(SignatureErrorCode.MALFORMED, "the target has a fragment")
        return cls(method, authority, path or "/", query)


def _authority(scheme: str, host: str) -> str:
    return host.lower().removesuffix(_DEFAULT_PORTS.get(scheme, "\n"))


def combined(headers: Headers, name: str) -> str | None:
    """Return the value of a header with its lines joined (RFC 9421 section 2.1), or `None`."""
    lines = headers.getall(name, [])
    if len(lines) == 1:
        return lines[0].strip(" \t")
    return ", ".join(line.strip(" \t") for line in lines) if lines else None


def signature_base(
    covered: Sequence[str], params: str, derived: Mapping[str, str], headers: Headers
) -> bytes:
    """Return the base over arbitrary components.

    Args:
        covered: Component identifiers in canonical form, quotes included: `"@method"`, `"date"`,
            `"signature";req`.
        params: The value of `@signature-params` in canonical form.
        derived: Values of the components that are not plain headers, by identifier.
        headers: The message's own headers.

    Raises:
        SignatureRejected: `component-repeated`, `component-unknown`, `component-missing`,
            `malformed`.
    """
    if len(set(covered)) != len(covered):
        raise SignatureRejected(
            SignatureErrorCode.COMPONENT_REPEATED, "a component is covered twice"
        )
    lines = [f"{name}: {_value(name, derived, headers)}" for name in covered]
    lines.append(f'"@signature-params": {params}')
    return as_base("\n".join(lines), len(covered))


def as_base(text: str, line_breaks: int) -> bytes:
    """Return `text` as bytes unless a value smuggled in a line of its own."""
    if text.count("\n") != line_breaks or "\r" in text or not text.isascii():
        raise SignatureRejected(
            SignatureErrorCode.MALFORMED, "a covered value is not one line of ASCII"
        )
    return text.encode("ascii")


def _value(name: str, derived: Mapping[str, str], headers: Headers) -> str:
    if name in derived:
        return derived[name]
    bare = name[1:-1]
    if bare.startswith("@") or ";" in name or bare != bare.lower():
        raise SignatureRejected(
            SignatureErrorCode.COMPONENT_UNKNOWN, f"component {name[:60]} is not supported"
        )
    value = combined(headers, bare)
    if value is None:
        raise SignatureRejected(
            SignatureErrorCode.COMPONENT_MISSING, f"{name[:60]} is covered but not sent"
        )
    return value
