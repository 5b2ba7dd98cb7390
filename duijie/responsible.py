"""责任人: who answers for a case, as lists and exports name it."""

from typing import Final

from gateway.domain.listed_agencies import Responsible
from gateway.domain.responsibility import ResponsibilityRegister
from gateway.ports.store import Reader
from schemas.reference.clock import utc_now
from schemas.reference.divisions import DivisionTree

UNREGISTERED: Final = "未登记"


async def responsibility_register(ledger: Reader) -> ResponsibilityRegister:
    """Return who answers for which places, by the agency directory in force now.

    Raises:
        DirectoryUnreadable: The version in force is not as it was written.
    """
    at = utc_now()
    version = await ledger.read(lambda views: views.directory(views.directory_at(at)))
    listed = () if version is None else version.content.responsible
    return ResponsibilityRegister(listed, DivisionTree.load())


def describe_responsible(found: Responsible | None) -> str:
    """Return unit and person on one line, or that nobody is registered."""
    return UNREGISTERED if found is None else f"{found.unit} {found.person}"
