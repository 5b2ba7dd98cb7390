"""What the intake decides by, loaded from the tables that the settings name."""

from gateway.adapters.profiles import load_province
from gateway.config import AgencySettings, Settings
from gateway.domain.directory_version import DirectoriesInUse
from gateway.domain.intake_rules import Rules
from gateway.errors import Misconfigured
from gateway.setting_reasons import SettingReason
from schemas.reference.calendar import WorkingCalendar
from schemas.reference.codes import CodeTables
from schemas.reference.csv_table import TableUnreadable
from schemas.reference.divisions import DivisionTree, UnknownDivision


def settings_directories(settings: Settings) -> DirectoriesInUse:
    """Return the directories of the settings, which those of the ledger are exchanged for."""
    return DirectoriesInUse(one.listed() for one in settings.agency)


def load_rules(settings: Settings, directories: DirectoriesInUse | None = None) -> Rules:
    """Return what the intake decides by: divisions, codes, calendar, agencies, province.

    Without `directories` the agencies are those of the settings, whatever the ledger says.

    Raises:
        Misconfigured: A table or profile cannot be read; an agency is of no known division, or of
            one that is abolished, so that no application would reach it any more; a deadline is
            set for a division that is not in the province.
    """
    tree = DivisionTree.load()
    for one in settings.agency:
        if not _is_within(tree, one.division, settings.province):
            reason = SettingReason.DIVISION_OUTSIDE.at(
                f"agency {one.code}", division=one.division, province=settings.province
            )
            raise Misconfigured(reason)
        _check_in_force(tree, one)
    try:
        calendar = WorkingCalendar.load(settings.calendar)
    except TableUnreadable as exc:
        raise Misconfigured(*exc.reasons_within("calendar")) from exc
    province = load_province(settings.province, settings.profile)
    for division in province.division_allowances:
        if not _is_within(tree, division, settings.province):
            reason = SettingReason.DIVISION_OUTSIDE.at(
                "division_allowances", division=division, province=settings.province
            )
            raise Misconfigured(reason)
    return Rules(
        tree,
        CodeTables.load(),
        calendar,
        directories or settings_directories(settings),
        province,
    )


def _check_in_force(tree: DivisionTree, agency: AgencySettings) -> None:
    division = tree.normalise(agency.division)
    standing = tree.ancestors_in_force(division, tree.as_of)
    if standing[0] != division:
        reason = SettingReason.DIVISION_ABOLISHED.at(
            f"agency {agency.code}", division=agency.division, successor=standing[0]
        )
        raise Misconfigured(reason)


def _is_within(tree: DivisionTree, division: str, province: str) -> bool:
    try:
        return tree.is_within(division, province)
    except UnknownDivision:
        return False
