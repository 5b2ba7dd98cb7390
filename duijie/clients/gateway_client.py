"""网关外观: the running gateway seen from outside: its metrics, and its answers to agencies."""

from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from typing import Final, Self

import httpx
from prometheus_client.parser import text_string_to_metric_families
from pydantic import ValidationError

from gateway.adapters.signed_client import SignedClient
from gateway.errors import PeerRefused, PeerUnavailable
from schemas.records.dispatches import CaseView
from schemas.signing import Link
from simulator.clock import real_time

_HELD: Final = "duijie_attention"


class GatewayOutside:
    """Asks the gateway what anyone entitled may ask; its ledger stays its own.

    `links` are the keys of the agencies by code: an agency may ask about its own cases.
    """

    def __init__(self, *, api: str, health: str, links: Mapping[str, Link]) -> None:
        self._metrics = f"{health}/metrics"
        self._http = httpx.AsyncClient(trust_env=False, timeout=10.0)
        self._agencies = {
            code: SignedClient(api, link, peer="gateway", now=real_time)
            for code, link in links.items()
        }
        self._closing = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._closing.enter_async_context(self._http)
        for client in self._agencies.values():
            await self._closing.enter_async_context(client)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._closing.aclose()

    async def held(self) -> dict[str, int]:
        """Return how many cases are held (挂起), by reason; nothing while it does not answer."""
        try:
            answer = await self._http.get(self._metrics)
        except httpx.TransportError:
            return {}
        return _by_reason(answer.text) if answer.is_success else {}

    async def case(self, agency: str, number: str) -> CaseView | None:
        """Return a case as its agency may see it (getCase); None while there is no answer."""
        with suppress(PeerUnavailable, PeerRefused, ValidationError):
            return CaseView.read(await self._agencies[agency].get(f"/agency/v1/cases/{number}"))
        return None


def _by_reason(text: str) -> dict[str, int]:
    return {
        sample.labels["reason"]: int(sample.value)
        for family in text_string_to_metric_families(text)
        if family.name == _HELD
        for sample in family.samples
        if sample.value
    }
