"""`AgencySystem` over HTTP: an agency's own system that takes pushes (deliverDispatches)."""

from collections.abc import Sequence

from gateway.adapters.batch_answers import read_results
from gateway.adapters.pings import exchange_ping
from gateway.adapters.signed_client import SignedClient
from schemas.records.receipts import ItemResult


class HttpAgencySystem:
    """An agency's system at `<base>/dispatches`; `AgencySystem` says what the call means."""

    def __init__(self, client: SignedClient, *, agency: str) -> None:
        self._client, self._agency = client, agency

    async def ping(self) -> None:
        """连通性测试; raises as `deliver`."""
        await exchange_ping(self._client, "/ping", peer=self._agency)

    async def deliver(self, dispatches: Sequence[bytes]) -> tuple[ItemResult, ...]:
        """分派单推送."""
        body = b'{"dispatches":[' + b",".join(dispatches) + b"]}"
        answer = await self._client.post("/dispatches", body)
        return await read_results(answer, expected=len(dispatches), peer=self._agency)
