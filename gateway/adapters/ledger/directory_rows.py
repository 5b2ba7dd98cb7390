"""机构清单的行: rows of `directory_versions` and `directory_agencies`, and what they say."""

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

import orjson
from pydantic import BaseModel, ConfigDict, TypeAdapter

from gateway.adapters.ledger.row_shapes import DAMAGED, RowShape
from gateway.adapters.ledger.seals import open_directory, seal_directory
from gateway.adapters.ledger.timestamps import instant, micros
from gateway.domain.directory_version import DirectoryVersion
from gateway.domain.listed_agencies import DirectoryContent, ListedAgency, Responsible
from gateway.errors import DirectoryUnreadable
from storage.errors import SealBroken
from storage.sealing import Sealer
from storage.session import Row, Session


class DirectoryVersionRow(NamedTuple):
    """A row of `directory_versions`."""

    number: int
    made_at: int
    valid_from: str
    made_by: str
    agencies: int
    body: bytes

    @property
    def plain(self) -> tuple[int, int, str, str, int]:
        """What stands in it in clear, and its seal holds together."""
        return self.number, self.made_at, self.valid_from, self.made_by, self.agencies


class _Body(BaseModel):
    """What is sealed of a version."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    reason: str
    digest: str
    responsible: tuple[Responsible, ...]


_VERSION: Final = RowShape(DirectoryVersionRow)
_AGENCY: Final = TypeAdapter(ListedAgency)


def version_row(sealer: Sealer, version: DirectoryVersion) -> DirectoryVersionRow:
    """Return the row of a version."""
    content = version.content
    plain = (
        version.number,
        micros(version.made_at),
        version.valid_from.isoformat(),
        version.made_by,
        len(content.agencies),
    )
    body = _Body(reason=version.reason, digest=content.digest(), responsible=content.responsible)
    sealed = seal_directory(sealer, plain, body.model_dump_json().encode())
    return DirectoryVersionRow(*plain, sealed)


def agency_rows(version: DirectoryVersion) -> list[Row]:
    """Return the rows of a version's agencies."""
    return [
        (version.number, position, orjson.dumps(one).decode())
        for position, one in enumerate(version.content.agencies)
    ]


def read_version(session: Session, sealer: Sealer, values: Row) -> DirectoryVersion:
    """Return the version of a row, with its agencies.

    Raises:
        DirectoryUnreadable: It is not as it was written.
    """
    number = DirectoryVersionRow._make(values).number
    try:
        row = _VERSION.row(values)
        body = _Body.model_validate_json(open_directory(sealer, row.plain, row.body))
        content = DirectoryContent(_agencies(session, row.number), body.responsible)
        _check(content, body.digest)
        return DirectoryVersion(
            row.number,
            instant(row.made_at),
            date.fromisoformat(row.valid_from),
            row.made_by,
            body.reason,
            content,
        )
    except (SealBroken, *DAMAGED) as exc:
        raise DirectoryUnreadable(number) from exc


def _check(content: DirectoryContent, digest: str) -> None:
    if content.digest() != digest:
        raise SealBroken("the agencies are not those of their version")


def _agencies(session: Session, number: int) -> tuple[ListedAgency, ...]:
    rows: Sequence[Row] = session.rows("directory_agencies", number)
    return tuple(_AGENCY.validate_json(content) for _, content in rows)
