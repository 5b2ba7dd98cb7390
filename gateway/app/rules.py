"""What the intake decides by, loaded from the tables that the settings name."""

from gateway.adapters.profiles import load_province
from gateway.config import Settings
from gateway.domain.directory import AgencyDirectory
from gateway.domain.intake_rules import Rules
from gateway.errors import Misconfigured
from schemas.reference.calendar import WorkingCalendar
from schemas.reference.codes import CodeTables
from schemas.reference.csv_table import TableUnreadable
from schemas.reference.divisions import DivisionTree, UnknownDivision


def load_rules(settings: Settings) -> Rules:
    """Return what the intake decides by: divisions, codes, calendar, agencies, province.

    Raises:
        Misconfigured: A table or profile cannot be read, or an agency is of no known division.
    """
    tree = DivisionTree.load()
    for one in settings.agency:
        if not _is_within(tree, one.division, settings.province):
            raise Misconfigured(
                f"agency {one.code}: division {one.division} is not within {settings.province}"
            )
    try:
        calendar = WorkingCalendar.load(settings.calendar)
    except TableUnreadable as exc:
        raise Misconfigured(f"calendar: {exc}") from exc
    return Rules(
        tree,
        CodeTables.load(),
        calendar,
        AgencyDirectory(one.listed() for one in settings.agency),
        load_province(settings.province, settings.profile),
    )


def _is_within(tree: DivisionTree, division: str, province: str) -> bool:
    try:
        return tree.is_within(division, province)
    except UnknownDivision:
        return False
