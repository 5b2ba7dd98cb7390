"""地点: questions about divisions that somebody typed, where the table may not know them."""

from schemas.reference.divisions import DivisionTree, UnknownDivision


def is_known(division: str, tree: DivisionTree) -> bool:
    """Tell whether the table knows a division, or at least the county it lies in."""
    try:
        tree.ancestors(division)
    except UnknownDivision:
        return False
    return True


def is_within(division: str, area: str, tree: DivisionTree) -> bool:
    """Tell whether a division lies within `area`; an unknown one lies nowhere."""
    try:
        return tree.is_within(division, area)
    except UnknownDivision:
        return False


def place_name(place: str, tree: DivisionTree) -> str:
    """Return a place's full name, or its code where the table does not know it."""
    try:
        return tree.full_name(place)
    except UnknownDivision:
        return place
