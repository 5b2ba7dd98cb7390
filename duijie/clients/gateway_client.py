"""网关客户端: a client of the running gateway: its metrics, and its answers to agencies."""

from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from typing import Final, Self
from urllib.parse import quote

import httpx
from prometheus_client.parser import text_string_to_metric_families
from pydantic import ValidationError

from gateway.adapters.signed_client import SignedClient
from gateway.errors import PeerRefused, PeerUnavailable
from schemas.records.dispatches import CaseView
from schemas.reference.clock import utc_now
from schemas.signing import Link

_HELD: Final = "duijie_attention"


class GatewayClient:
    """Reads metrics and, as an agency, the agency's own cases; never the ledger.

    `links` are the keys of the agencies by code.
    """

    def __init__(self, *, api: str, health: str, links: Mapping[str, Link]) -> None:
        self._metrics = f"{health}/metrics"
        self._http = httpx.AsyncClient(trust_env=False, timeout=10.0)
        self._agencies = {
            code: SignedClient(api, link, peer="gateway", now=utc_now)
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
        """Return the number of held cases (挂起) by reason; empty while there is no answer."""
        try:
            answer = await self._http.get(self._metrics)
        except httpx.TransportError:
            return {}
        return _by_reason(answer.text) if answer.is_success else {}

    async def case(self, agency: str, number: str) -> CaseView | None:
        """Return a case as its agency sees it (getCase); None while there is no answer."""
        path = f"/agency/v1/cases/{quote(number, safe='')}"
        with suppress(PeerUnavailable, PeerRefused, ValidationError):
            return CaseView.read(await self._agencies[agency].get(path))
        return None


def _by_reason(text: str) -> dict[str, int]:
    return {
        sample.labels["reason"]: int(sample.value)
        for family in text_string_to_metric_families(text)
        if family.name == _HELD
        for sample in family.samples
        if sample.value
    }
