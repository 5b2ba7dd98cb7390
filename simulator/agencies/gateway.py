"""The gateway (对接网关) as an agency knows it: operations of the contract, checked and signed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import orjson
from pydantic import ValidationError

from contracts.verify.schema_validator import SchemaValidator
from schemas.records.json_errors import Malformed
from schemas.records.receipts import (
    BatchAnswer,
    DispatchAcknowledgement,
    DispatchAcknowledgementBatch,
    ItemResult,
)
from schemas.records.strict_json import RawItem, read_page
from simulator.agencies.client import SignedClient, Unanswered
from simulator.errors import InvalidAnswer

_POLL_S: Final = 20
_DEADLINE_S: Final = 15.0


class GatewayConnection:
    """One agency's connection; it sends nothing that the published schema does not allow.

    Every call raises `Unanswered` when there is no answer that can be believed and read.
    """

    def __init__(self, client: SignedClient, validator: SchemaValidator) -> None:
        self._client, self._validator = client, validator

    async def fetch_dispatches(self) -> list[RawItem]:
        """Return the dispatches that wait, after at most 20 seconds if there are none."""
        path = f"/agency/v1/dispatches?limit=100&wait={_POLL_S}"
        body = await self._client.get(path, deadline_s=_POLL_S + _DEADLINE_S)
        try:
            _, items = read_page(body, "dispatches")
        except Malformed as exc:
            raise Unanswered("the page cannot be read") from exc
        return items

    async def acknowledge_dispatches(self, items: Sequence[RawItem], stored_at: datetime) -> None:
        """Say that dispatches are stored (分派确认)."""
        batch = DispatchAcknowledgementBatch(
            acknowledgements=tuple(
                DispatchAcknowledgement(
                    dispatch_no=orjson.loads(item.content)["dispatch_no"], stored_at=stored_at
                )
                for item in items
            )
        ).wire()
        self.check("dispatch-acknowledgement-batch", batch)
        await self._client.post(
            "/agency/v1/dispatches/acknowledgements", batch, deadline_s=_DEADLINE_S
        )

    async def submit_outcomes(
        self, outcomes: Sequence[bytes], *, trace_id: str | None
    ) -> tuple[ItemResult, ...]:
        """Hand results in and return the answer to each, in order."""
        return await self._submit("/agency/v1/outcomes", "outcomes", outcomes, trace_id)

    async def return_dispatches(
        self, returns: Sequence[bytes], *, trace_id: str | None
    ) -> tuple[ItemResult, ...]:
        """Give dispatches back (退回) and return the answer to each, in order."""
        return await self._submit("/agency/v1/dispatches/returns", "returns", returns, trace_id)

    async def _submit(
        self, path: str, member: str, items: Sequence[bytes], trace_id: str | None
    ) -> tuple[ItemResult, ...]:
        body = b'{"%s":[%s]}' % (member.encode(), b",".join(items))
        answer = await self._client.post(path, body, deadline_s=_DEADLINE_S, trace_id=trace_id)
        try:
            results = BatchAnswer.read(answer).results
        except ValidationError as exc:
            raise Unanswered("the batch answer cannot be read") from exc
        if len(results) != len(items):
            raise Unanswered("the batch answer has another number of entries")
        return results

    def check(self, record: str, body: bytes) -> None:
        """Check what is about to be sent against the published schema.

        Raises:
            InvalidAnswer: The schema does not allow it.
        """
        if faults := self._validator.check(record, body):
            raise InvalidAnswer(record, faults[0].rule)
