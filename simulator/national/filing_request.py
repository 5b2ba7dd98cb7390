"""A request to file (申请): the filled-in form and where the person wants to be registered."""

from dataclasses import dataclass
from typing import Final

from schemas.records.applications import PersonForm

POLICY: Final = "2020-79"


@dataclass(frozen=True, slots=True)
class FilingRequest:
    """A filled-in form, the registration place (登记失业地) and the channel (受理渠道)."""

    form: PersonForm
    place_basis: str
    place_division: str
    channel: str
    policy: str = POLICY
