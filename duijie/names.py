"""名称: names of places and agencies for their codes."""

from gateway.config import Settings
from schemas.reference.divisions import DivisionTree, UnknownDivision


def place_name(division: str | None) -> str | None:
    """Return the names from the province down, or the code itself if the table does not have it."""
    if division is None:
        return None
    try:
        return DivisionTree.load().full_name(division)
    except UnknownDivision:
        return division


def agency_name(code: str | None, settings: Settings) -> str | None:
    """Return the agency's name in the settings, or else its code."""
    return next((one.name for one in settings.agency if one.code == code), code)
