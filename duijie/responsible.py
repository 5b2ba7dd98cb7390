"""责任人: who answers for a case, as lists and exports name it."""

from typing import Final

from gateway.config import Settings
from gateway.domain.responsibility import NobodyRegistered, ResponsibilityRegister, Responsible

UNREGISTERED: Final = "未登记"


def responsibility_register(settings: Settings) -> ResponsibilityRegister:
    """Return where to look up who answers for the cases of an agency."""
    return NobodyRegistered()


def describe_responsible(found: Responsible | None) -> str:
    """Return unit and person on one line, or that nobody is registered."""
    if found is None:
        return UNREGISTERED
    return " ".join(part for part in (found.unit, found.person, found.telephone) if part)
