"""名称: codes as people read them."""

from gateway.config import Settings
from schemas.reference.divisions import DivisionTree, UnknownDivision


def place_name(division: str | None) -> str | None:
    """Return the names from the province down; a code that is not in the table stays as it is."""
    if division is None:
        return None
    try:
        return DivisionTree.load().full_name(division)
    except UnknownDivision:
        return division


def agency_name(code: str | None, settings: Settings) -> str | None:
    """Return the agency's name as the settings have it, else its code."""
    return next((one.name for one in settings.agency if one.code == code), code)
