"""Requests that must be refused (反例): a right one, spoiled in one place at a time."""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from schemas.reference.clock import utc_now
from tests.support.signing_client import JSON, SigningClient

INPUT, SIGNATURE, DIGEST = "Signature-Input", "Signature", "Content-Digest"
_BASE64: Final = re.compile(r":([A-Za-z0-9+/=]+):")
_PARAMETER: Final = re.compile(r";([a-z]+)=(\"[^\"]*\"|[0-9]+)")
_COMPONENT: Final = re.compile(r'"[a-z@-]+"')
_AGES_S: Final = (-86_400, -3_600, -601, -400, 301, 400, 3_600, 86_400)
_OTHER_VALUES: Final = ('""', '"x"', "0", "-1", "99999999999", "1.5", '"\u00e9"', "?1", ":AA==:")


@dataclass(frozen=True, slots=True)
class Negative:
    """A request that must be refused; `name` says what is wrong with it."""

    name: str
    method: str
    path: str
    body: bytes
    headers: Mapping[str, str]


def negatives(client: SigningClient, path: str, body: bytes) -> Iterator[Negative]:
    """Yield spoiled requests of a client: a POST of `body` to `path`."""
    good = Negative("good", "POST", path, body, dict(client.sign("POST", path, body).headers))
    yield from _without_a_header(good)
    yield from _other_bits(good, SIGNATURE)
    yield from _other_bits(good, DIGEST)
    yield from _other_writing(good)
    yield from _other_parameters(good)
    yield from _other_components(good)
    yield from _other_body(good)
    yield from _other_target(good)
    yield from _by_others(client, good)
    yield from _at_other_times(client, good)


def _with(good: Negative, name: str, **headers: str) -> Negative:
    written = {key.replace("_", "-"): value for key, value in headers.items()}
    return replace(good, name=name, headers={**good.headers, **written})


def _without_a_header(good: Negative) -> Iterator[Negative]:
    for name in good.headers:
        kept = {key: value for key, value in good.headers.items() if key != name}
        yield replace(good, name=f"without {name}", headers=kept)
        yield _with(good, f"empty {name}", **{name: ""})
        yield _with(
            good, f"doubled {name}", **{name: f"{good.headers[name]}, {good.headers[name]}"}
        )
    yield replace(good, name="unsigned", headers={})


def _other_bits(good: Negative, header: str) -> Iterator[Negative]:
    """Flip every fourth bit of what a header holds in base64, and change its length."""
    written = good.headers[header]
    found = _BASE64.search(written)
    assert found is not None
    content = base64.b64decode(found[1])
    changed = [_flipped(content, bit) for bit in range(0, len(content) * 8, 4)]
    changed += [content[:-1], content[1:], content + b"\0", content * 2, bytes(len(content))]
    for number, other in enumerate(changed):
        text = written.replace(found[0], f":{base64.b64encode(other).decode()}:")
        yield _with(good, f"{header} altered {number}", **{header: text})


def _flipped(content: bytes, bit: int) -> bytes:
    number = int.from_bytes(content, "big") ^ (1 << bit)
    return number.to_bytes(len(content), "big")


def _other_writing(good: Negative) -> Iterator[Negative]:
    for header in (SIGNATURE, INPUT, DIGEST):
        value = good.headers[header]
        label, _, rest = value.partition("=")
        for name, text in {
            "another label": f"other={rest}",
            "upper case": value.upper(),
            "no label": rest,
            "cut": value[: len(value) // 2],
            "a token": f"{label}=token",
            "a number": f"{label}=1",
            "a list": f"{label}=()",
            "not base64": value.replace(":", "*"),
        }.items():
            if text != value:
                yield _with(good, f"{header}: {name}", **{header: text})


def _other_parameters(good: Negative) -> Iterator[Negative]:
    value = good.headers[INPUT]
    for found in _PARAMETER.finditer(value):
        name, written = found[1], found[2]
        others = {text for text in _OTHER_VALUES if text != written}
        others |= {written[:-2] + written[-1:], written[:1] + "9" + written[1:]}
        yield _with(good, f"without {name}", **{INPUT: value.replace(found[0], "")})
        yield _with(good, f"{name} twice", **{INPUT: value + found[0]})
        for other in sorted(others):
            text = value.replace(found[0], f";{name}={other}")
            yield _with(good, f"{name}={other}", **{INPUT: text})
    yield _with(good, "an unknown parameter", **{INPUT: f'{value};context="x"'})


def _other_components(good: Negative) -> Iterator[Negative]:
    value = good.headers[INPUT]
    listed, _, parameters = value.partition(")")
    components = _COMPONENT.findall(listed)
    label = listed.partition("(")[0]

    def spelled(name: str, parts: list[str]) -> Negative:
        return _with(good, name, **{INPUT: f"{label}({' '.join(parts)}){parameters}"})

    for at, one in enumerate(components):
        yield spelled(f"without {one}", components[:at] + components[at + 1 :])
        yield spelled(f"{one} twice", [*components, one])
        yield spelled(f"{one};sf", [*components[:at], f"{one};sf", *components[at + 1 :]])
    yield spelled("other order", components[::-1])
    yield spelled("none", [])
    for extra in ('"x-absent"', '"@status"', '"@query-param";name="a"', '"@request-target"'):
        yield spelled(f"also {extra}", [*components, extra])


def _other_body(good: Negative) -> Iterator[Negative]:
    body = good.body
    changed = [_flipped(body, bit) for bit in range(0, len(body) * 8, 3)]
    changed += [body + b" ", b" " + body, body[:-1], b"", body * 2, b"{}"]
    for number, other in enumerate(changed):
        yield replace(good, name=f"body altered {number}", body=other)


def _other_target(good: Negative) -> Iterator[Negative]:
    for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        yield replace(good, name=f"as {method}", method=method)
    for query in ("?a=1", "?limit=100", "?%61=1"):
        yield replace(good, name=f"query {query}", path=good.path + query)
    for path in (f"{good.path}/", f"/{good.path}", f"{good.path}%2F", "/"):
        yield replace(good, name=f"path {path}", path=path)
    for host in ("127.0.0.1", "other.example", "127.0.0.1:1", "localhost"):
        yield _with(good, f"Host {host}", Host=host)


def _by_others(client: SigningClient, good: Negative) -> Iterator[Negative]:
    for name, other in {
        "a forged key": client.with_forged_key(),
        "an unknown key": client.with_unknown_key(),
    }.items():
        headers = other.sign("POST", good.path, good.body).headers
        yield replace(good, name=name, headers=dict(headers))
    elsewhere = client.sign("POST", f"{good.path}/other", good.body).headers
    yield replace(good, name="signed for another path", headers=dict(elsewhere))
    other_body = client.sign("POST", good.path, b'{"echo":"other"}').headers
    yield replace(good, name="signed for another body", headers=dict(other_body))
    mixed = {**good.headers, SIGNATURE: other_body[SIGNATURE]}
    yield replace(good, name="the signature of another request", headers=mixed)


def _at_other_times(client: SigningClient, good: Negative) -> Iterator[Negative]:
    for age_s in _AGES_S:
        at = utc_now() + timedelta(seconds=age_s)
        headers = client.sign("POST", good.path, good.body, at=at).headers
        yield replace(good, name=f"signed {age_s} s from now", headers=dict(headers))


async def taken(client: SigningClient, tried: list[Negative]) -> list[str]:
    """Send them all; return the names of those that were not refused with 4xx."""
    found = []
    for one in tried:
        headers = {"Content-Type": JSON, **one.headers}
        answered = await client.send(one.method, one.path, one.body, headers)
        if not 400 <= answered.status < 500:
            found.append(f"{one.name}: {answered.status}")
    return found
