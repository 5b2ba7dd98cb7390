"""Which operations of the published documents are served, and which are not served yet."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import orjson
import schemathesis
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from tests.support.tree import ROOT

Case = schemathesis.Case[Any]  # what it validates with is its own affair
Operation = APIOperation[Any, Any, Any, Any]
SERVED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "national": ("downloadApplications", "acknowledgeApplications", "uploadOutcomes", "ping"),
        "province": (
            "fetchDispatches",
            "acknowledgeDispatches",
            "submitOutcomes",
            "getCase",
            "ping",
        ),
        "agency": ("deliverDispatches", "ping"),
    }
)
NOT_SERVED_YET: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "national": (
            "publishAgencies",
            "fetchCodeTables",
            "uploadDeregistrations",
            "fetchDivisions",
            "uploadRegistrations",
            "fetchStatement",
        ),
        "province": (
            "submitDeregistrations",
            "returnDispatches",
            "submitRegistrations",
            "pushApplications",
        ),
        "agency": (),
    }
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
