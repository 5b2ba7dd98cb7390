"""The gateway (对接网关) as an agency knows it: operations of the contract, checked and signed."""

from collections.abc import Awaitable, Callable, Sequence
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
from simulator.errors import InvalidAnswer
from simulator.exchanges.signed_client import SignedClient, Unanswered

Submit = Callable[[Sequence[bytes]], Awaitable[tuple[ItemResult, ...]]]
"""Hands records in and returns the answer to each, in order."""
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

    async def acknowledge_dispatches(
        self, items: Sequence[RawItem], stored_at: datetime
    ) -> tuple[ItemResult, ...]:
        """Say that dispatches are stored (分派确认); return the answer to each, in order."""
        batch = DispatchAcknowledgementBatch(
            acknowledgements=tuple(
                DispatchAcknowledgement(
                    dispatch_no=orjson.loads(item.content)["dispatch_no"], stored_at=stored_at
                )
                for item in items
            )
        ).wire()
        self.check("dispatch-acknowledgement-batch", batch)
        answer = await self._client.post(
            "/agency/v1/dispatches/acknowledgements", batch, deadline_s=_DEADLINE_S
        )
        return _results(answer, len(items))

    async def submit_outcomes(
        self, outcomes: Sequence[bytes], *, trace_id: str | None
    ) -> tuple[ItemResult, ...]:
        """Hand results in and return the answer to each, in order."""
        return await self._hand_in("/outcomes", "outcomes", outcomes, trace_id)

    async def return_dispatches(
        self, returns: Sequence[bytes], *, trace_id: str | None
    ) -> tuple[ItemResult, ...]:
        """Give dispatches back (退回) and return the answer to each, in order."""
        return await self._hand_in("/dispatches/returns", "returns", returns, trace_id)

    async def submit_registrations(self, registrations: Sequence[bytes]) -> tuple[ItemResult, ...]:
        """Hand local registrations in and return the answer to each, in order."""
        return await self._hand_in("/registrations", "registrations", registrations, None)

    async def submit_deregistrations(
        self, deregistrations: Sequence[bytes]
    ) -> tuple[ItemResult, ...]:
        """Hand deregistrations in and return the answer to each, in order."""
        return await self._hand_in("/deregistrations", "deregistrations", deregistrations, None)

    async def _hand_in(
        self, path: str, member: str, records: Sequence[bytes], trace_id: str | None
    ) -> tuple[ItemResult, ...]:
        """Send a batch to the end of a path, as a member of its body."""
        body = b'{"%s":[%s]}' % (member.encode(), b",".join(records))
        answer = await self._client.post(
            f"/agency/v1{path}", body, deadline_s=_DEADLINE_S, trace_id=trace_id
        )
        return _results(answer, len(records))

    def check(self, record: str, body: bytes) -> None:
        """Check what is about to be sent against the published schema.

        Raises:
            InvalidAnswer: The schema does not allow it.
        """
        if faults := self._validator.check(record, body):
            raise InvalidAnswer(record, faults[0].rule)


def _results(answer: bytes, expected: int) -> tuple[ItemResult, ...]:
    try:
        results = BatchAnswer.read(answer).results
    except ValidationError as exc:
        raise Unanswered("the batch answer cannot be read") from exc
    if len(results) != expected:
        raise Unanswered("the batch answer has another number of entries")
    return results
