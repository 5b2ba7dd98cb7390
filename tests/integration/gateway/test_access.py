"""Every endpoint × listener × caller: each is served in one place, to whom it declares."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from random import random
from typing import Final

import aiohttp
import orjson
import pytest

from gateway.app.build import build
from gateway.app.build_context import BuildContext
from gateway.app.interfaces import build_interfaces, serve
from gateway.flows.failpoints import no_hook
from gateway.metrics import Metrics
from gateway.web.endpoints import Endpoint, Reach
from gateway.web.keyring import Role
from gateway.web.long_poll import Notifier
from gateway.web.servers import Servers
from schemas.reference.clock import utc_now
from schemas.signing import Link
from tests.builders.records import JINSHUI
from tests.integration.gateway.harness import stack_of_two
from tests.support.signing_client import Answered, SigningClient
from transport.connection_limiter import ConnectionLimits

AGENCIES: Final = frozenset({Role.AGENCY})
OPERATORS: Final = frozenset({Role.OPERATOR})
DECLARED: Final[Mapping[str, tuple[str, frozenset[Role] | Reach]]] = {
    "fetchDispatches": ("listen", AGENCIES),
    "acknowledgeDispatches": ("listen", AGENCIES),
    "returnDispatches": ("listen", AGENCIES),
    "submitOutcomes": ("listen", AGENCIES),
    "getCase": ("listen", AGENCIES),
    "ping": ("listen", AGENCIES),
    "submitRegistrations": ("listen", AGENCIES),
    "submitDeregistrations": ("listen", AGENCIES),
    "pushApplications": ("listen", frozenset({Role.PORTAL})),
    "assignCases": ("listen", OPERATORS),
    "holdCases": ("listen", OPERATORS),
    "releaseCases": ("listen", OPERATORS),
    "annotateCases": ("listen", OPERATORS),
    "returnCases": ("listen", OPERATORS),
    "resendMessages": ("listen", OPERATORS),
    "operator.ping": ("listen", OPERATORS),
    "docs": ("listen", Reach.ANYBODY),
    "console.worklist": ("console", Reach.LOOPBACK),
    "console.case": ("console", Reach.LOOPBACK),
    "console.quarantine": ("console", Reach.LOOPBACK),
    "console.css": ("console", Reach.LOOPBACK),
    "livez": ("health", Reach.ANYBODY),
    "readyz": ("health", Reach.ANYBODY),
    "metrics": ("health", Reach.ANYBODY),
}


class SenderKind(StrEnum):
    """Who sends a request."""

    AGENCY = "agency"  # with an agency's key
    PORTAL = "portal"  # with the portal's key
    OPERATOR = "operator"  # with the key of the operators' system
    LOOPBACK = "loopback"  # unsigned, on this machine
    OTHER_HOST = "other host"  # unsigned, by another name of this machine
    PROXY = "proxy"  # unsigned, forwarded from elsewhere


UNSIGNED: Final[Mapping[SenderKind, Mapping[str, str]]] = {
    SenderKind.LOOPBACK: {},
    SenderKind.OTHER_HOST: {"Host": "gateway.example"},
    SenderKind.PROXY: {"X-Forwarded-For": "192.0.2.7"},
}


@dataclass(frozen=True)
class ServedInterfaces:
    """A gateway's interfaces on free ports, and what those sign with who may call."""

    endpoints: Mapping[str, tuple[str, Endpoint]]  # each with the setting of its address
    addresses: Mapping[str, str]
    links: Mapping[SenderKind, Link]
    session: aiohttp.ClientSession

    async def ask(self, name: str, kind: SenderKind, listener: str | None = None) -> Answered:
        """Send the endpoint `name` a request of this kind of caller, body and all."""
        own, endpoint = self.endpoints[name]
        base = self.addresses[listener or own]
        path = endpoint.path.partition("{")[0] + ("SY1" if "{" in endpoint.path else "")
        body = b'{"echo":"x"}' if endpoint.method == "POST" else None
        link = self.links.get(kind, self.links[SenderKind.AGENCY])
        client = SigningClient(base, link, self.session)
        if kind in UNSIGNED:
            return await client.send(endpoint.method, path, body, UNSIGNED[kind])
        signed = client.sign(endpoint.method, path, body)
        return await client.send(endpoint.method, path, body, signed.headers)


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[ServedInterfaces]:
    """Serve everything that a gateway serves, with the contract page, and run none of its loops."""
    stack = stack_of_two(tmp_path)
    settings = stack.gateway_settings()
    context = BuildContext(utc_now, random, no_hook, Metrics(version="0", contract="0"))
    async with asyncio.timeout(30), AsyncExitStack() as closing:
        parts = build(settings, context, closing=closing, on_broken=lambda _: None)
        shown = build_interfaces(parts, context, notifier=Notifier(), page=lambda: b"<html></html>")
        shown.health.ready = True
        servers = await serve(shown, parts, context, settings=settings, limits=ConnectionLimits())
        closing.push_async_callback(finish, servers)
        session = await closing.enter_async_context(aiohttp.ClientSession())
        listed = [("listen", one) for one in shown.main]
        listed += [("health", one) for one in shown.health.endpoints()]
        listed += [("console", one) for one in shown.console]
        named = {endpoint.name: (setting, endpoint) for setting, endpoint in listed}
        addresses = {
            "listen": servers.main.url,
            "health": servers.health.url,
            "console": servers.console.url,
        }
        links = {
            SenderKind.AGENCY: stack.agency(JINSHUI).of_caller(),
            SenderKind.PORTAL: stack.pushes().of_caller(),
            SenderKind.OPERATOR: stack.operator().of_caller(),
        }
        yield ServedInterfaces(named, addresses, links, session)


async def finish(servers: Servers) -> None:
    await servers.finish_work()
    await servers.health.finish()


def refusal_of(access: frozenset[Role] | Reach, kind: SenderKind) -> str | None:
    """Return the code that declared access refuses this kind of caller with; None lets it in."""
    match access, kind:
        case frozenset(), SenderKind.AGENCY | SenderKind.PORTAL | SenderKind.OPERATOR:
            return None if Role(kind.value) in access else "auth.not-allowed"
        case frozenset(), _:
            return "signature.missing"
        case Reach.LOOPBACK, SenderKind.OTHER_HOST | SenderKind.PROXY:
            return "auth.not-allowed"
        case _:
            return None


async def test_every_endpoint_declares_the_listener_and_access_that_stand_here(
    served: ServedInterfaces,
) -> None:
    declared = {name: (own, one.access) for name, (own, one) in served.endpoints.items()}

    assert declared == DECLARED


@pytest.mark.parametrize("listener", ["listen", "health", "console"])
async def test_no_listener_serves_what_belongs_to_another(
    served: ServedInterfaces, listener: str
) -> None:
    elsewhere = [name for name, (own, _) in DECLARED.items() if own != listener]

    codes = {name: (await served.ask(name, SenderKind.AGENCY, listener)).code for name in elsewhere}

    assert codes == dict.fromkeys(elsewhere, "route.unknown")


@pytest.mark.parametrize("kind", SenderKind)
async def test_each_kind_of_caller_is_let_in_where_access_says_so(
    served: ServedInterfaces, kind: SenderKind
) -> None:
    answered = {name: await served.ask(name, kind) for name in DECLARED}

    refused = {name: refusal(one) for name, one in answered.items()}
    assert refused == {name: refusal_of(access, kind) for name, (_, access) in DECLARED.items()}


def refusal(answered: Answered) -> str | None:
    """Return the code of a refusal of the sender; None for any other answer."""
    if answered.status not in {401, 403}:
        return None
    return str(orjson.loads(answered.body)["code"])
