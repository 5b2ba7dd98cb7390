"""`AgencySystem` of an agency without a system: its worklist is the gateway's own (工作台)."""

from collections.abc import Sequence

import orjson

from gateway.domain.receipts import receipt
from schemas.records.canonical_form import digest_of_received
from schemas.records.dispatches import Dispatch
from schemas.records.receipts import ItemResult, ItemStatus, Receipt
from schemas.reference.clock import Now


class GatewayWorklist:
    """A dispatch is with the agency as soon as its case stands on the worklist: at once."""

    def __init__(self, agency: str, *, now: Now) -> None:
        self._agency, self._now = agency, now

    async def deliver(self, dispatches: Sequence[bytes]) -> tuple[ItemResult, ...]:
        """分派: every dispatch is received, since it is on disk here."""
        return tuple(self._received(one) for one in dispatches)

    def _received(self, dispatch: bytes) -> ItemResult:
        number = str(orjson.loads(dispatch)["dispatch_no"])
        digest = digest_of_received(dispatch, Dispatch.read)
        given = receipt(self._agency, number, "dispatch", revision=1, digest=digest, at=self._now())
        return ItemResult(status=ItemStatus.ACCEPTED, receipt=Receipt.read(given))
