"""对账单: what the national side has of one day, for the province to compare with its ledger."""

import hashlib
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from schemas.records.agencies import PartNo
from schemas.records.base import (
    CivilDate,
    Digest,
    DivisionCode,
    Instant,
    Revision,
    Whole,
    WireModel,
)
from schemas.records.outcomes import VERDICT

_SEPARATOR: Final = "|"


class EntryKind(StrEnum):
    """What an entry of a statement stands for."""

    APPLICATION = "application"
    WITHDRAWAL = "withdrawal"
    OUTCOME = "outcome"
    REGISTRATION = "registration"
    DEREGISTRATION = "deregistration"


class StatementEntry(WireModel):
    """One message the national side holds: its key, revision and the digest of its content.

    `at` is when it was forwarded (applications, withdrawals) or received (everything else).
    """

    kind: EntryKind = Field(strict=False)
    key: Annotated[str, Field(pattern=r"^[!-~]{1,60}$")]
    revision: Revision
    verdict: Annotated[str, VERDICT] | None = Field(default=None, alias="aae016")
    acknowledged: bool | None = None
    digest: Digest
    at: Instant

    @model_validator(mode="after")
    def _verdict_goes_with_what_is_decided(self) -> Self:
        decided = self.kind in {EntryKind.OUTCOME, EntryKind.REGISTRATION}
        if decided != (self.verdict is not None):
            raise ValueError("kind 为 outcome 或 registration 时给出 aae016，否则不给")
        return self

    @model_validator(mode="after")
    def _acknowledged_goes_with_what_is_forwarded(self) -> Self:
        forwarded = self.kind in {EntryKind.APPLICATION, EntryKind.WITHDRAWAL}
        if forwarded != (self.acknowledged is not None):
            raise ValueError("kind 为 application 或 withdrawal 时给出 acknowledged，否则不给")
        return self


Count = Annotated[int, Whole(0, 9_999_999)]


class StatementCounts(WireModel):
    """Totals of the whole day, over all parts."""

    applications: Count
    withdrawals: Count
    acknowledged: Count
    outcomes: Count
    registrations: Count
    deregistrations: Count


class Statement(WireModel):
    """对账单: one part of a day's statement for one area; every part bears the day's totals.

    `date` is a Beijing date. `digest` is SHA-256, hexadecimal, over one line for each entry of
    all parts: `kind|key|revision|digest` and a line feed, the lines sorted by their bytes. So a
    reader knows that it has them all and read them right.

    Source: 人社厅发〔2020〕3号 art. 8 (wrong feedback and late updates are criticised).
    Assumed: the record; the notices describe no reconciliation (对账).
    """

    date: CivilDate
    division: DivisionCode
    closed_at: Instant
    part: PartNo
    parts: PartNo
    counts: StatementCounts
    digest: Digest
    entries: Annotated[tuple[StatementEntry, ...], Field(max_length=1000)]


def statement_digest(entries: Iterable[StatementEntry]) -> str:
    """Return the `digest` of a statement; the order of its parts does not matter."""
    lines = sorted(
        _SEPARATOR.join((entry.kind, entry.key, str(entry.revision), entry.digest))
        for entry in entries
    )
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode("ascii")).hexdigest()
