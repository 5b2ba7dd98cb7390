"""Which edition of code tables and divisions a request to the control interface asks for."""

from schemas.reference.clock import beijing_date
from simulator.errors import unfit_member
from simulator.national.entry import NationalEntry
from simulator.national.offered_tables import OfferedTables
from simulator.web.control.requests import OfferTablesRequest


def asked_edition(asked: OfferTablesRequest, entry: NationalEntry) -> OfferedTables:
    """Return the edition asked for; the rehearsal is of the first area if none is named.

    Raises:
        RequestRefused: The province named has no county that could be taken over.
    """
    if asked.edition == "shipped":
        return OfferedTables.shipped()
    province = asked.province or next(iter(entry.areas.values()), "")
    try:
        return OfferedTables.rehearsed(province, asked.on or beijing_date(entry.now()))
    except LookupError:
        raise unfit_member("province", text="没有可用于演练的区县") from None
