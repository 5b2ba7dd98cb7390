"""Which operations of the published documents are served, and how values of a format are made."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any, Final

import orjson
import schemathesis
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from tests.support.tree import ROOT

Case = schemathesis.Case[Any]  # what it validates with is its own affair
Operation = APIOperation[Any, Any, Any, Any]
SERVED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "national": (
            *("downloadApplications", "acknowledgeApplications", "uploadOutcomes"),
            *("uploadRegistrations", "uploadDeregistrations", "publishAgencies"),
            *("fetchStatement", "returnApplications", "ping"),
            *("fetchCodeTables", "fetchDivisions"),
        ),
        "province": (
            "pushApplications",
            "fetchDispatches",
            "acknowledgeDispatches",
            "returnDispatches",
            "submitOutcomes",
            "submitRegistrations",
            "submitDeregistrations",
            "getCase",
            "ping",
        ),
        "agency": ("deliverDispatches", "ping"),
        "operator": (
            *("assignCases", "holdCases", "releaseCases", "annotateCases", "resendMessages"),
            *("returnCases", "ping"),
        ),
    }
)
FIRST: Final = datetime(1900, 1, 1)  # noqa: DTZ001 - the offset is drawn apart
LAST: Final = datetime(2199, 12, 31, 23, 59, 59, 999_999)  # noqa: DTZ001 - as above
OFFSETS: Final = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(
    lambda minutes: timezone(timedelta(minutes=minutes))
)


def pairs(table: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    """Return document and operation, for parametrising."""
    return [(document, name) for document, names in table.items() for name in names]


def operations(document: str) -> Iterator[tuple[str, Operation]]:
    """Yield the operations of a published OpenAPI document by their names."""
    path = ROOT / "contracts" / "v1" / "openapi" / f"{document}.json"
    schema = schemathesis.openapi.from_dict(orjson.loads(path.read_bytes()))
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        yield str(operation.definition.raw["operationId"]), operation


def operation_of(document: str, name: str) -> Operation:
    """Return one operation."""
    return dict(operations(document))[name]


def make_dates_as_published() -> None:
    """Let Schemathesis make dates and instants that meet the pattern beside their format.

    Its own generators know the format alone: of hundreds of attempts at a record with many dates
    a few come through, at a dispatch two of 660.
    """
    schemathesis.openapi.format("date", dates())
    schemathesis.openapi.format("date-time", instants())


def dates() -> st.SearchStrategy[str]:
    """Make dates of the published pattern."""
    return st.dates(FIRST.date(), LAST.date()).map(date.isoformat)


def instants() -> st.SearchStrategy[str]:
    """Make instants of the published pattern: with and without a fraction, at any offset."""
    local = st.datetimes(FIRST, LAST) | st.datetimes(FIRST, LAST).map(_without_fraction)
    given = st.builds(lambda at, zone: at.replace(tzinfo=zone).isoformat(), local, OFFSETS)
    return given | local.map(lambda at: at.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z"))


def _without_fraction(at: datetime) -> datetime:
    return at.replace(microsecond=0)
