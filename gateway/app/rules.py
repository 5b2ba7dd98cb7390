"""What the intake decides by: data of the settings, and the tables that operators put in force."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date

from gateway.adapters.profiles import load_province
from gateway.config import Settings
from gateway.domain.dated_rules import RulesByDay
from gateway.domain.directory_version import DirectoriesInUse
from gateway.domain.intake_rules import Rules
from gateway.domain.routing import stands
from gateway.errors import EditionUnreadable, Misconfigured
from gateway.flows.tables_in_force import TablesInForce, read_standings, take_up
from gateway.ports.store import Reader
from gateway.setting_reasons import SettingReason
from schemas.reference.calendar import WorkingCalendar
from schemas.reference.codes import CodeTables
from schemas.reference.csv_table import TableUnreadable
from schemas.reference.divisions import DivisionTree, UnknownDivision


def settings_directories(settings: Settings) -> DirectoriesInUse:
    """Return the directories of the settings, which those of the ledger are exchanged for."""
    return DirectoriesInUse(one.listed() for one in settings.agency)


def load_rules(settings: Settings, directories: DirectoriesInUse | None = None) -> Rules:
    """Return what the intake decides by under the tables as shipped (版本 0).

    Without `directories` the agencies are those of the settings, whatever the ledger says.

    Raises:
        Misconfigured: A calendar or profile cannot be read.
    """
    try:
        calendar = WorkingCalendar.load(settings.calendar)
    except TableUnreadable as exc:
        raise Misconfigured(*exc.reasons_within("calendar")) from exc
    return Rules(
        DivisionTree.load(),
        CodeTables.load(),
        calendar,
        directories or settings_directories(settings),
        load_province(settings.province, settings.profile),
    )


async def read_rules(
    settings: Settings,
    ledger: Reader,
    *,
    since: date,
    directories: DirectoriesInUse | None = None,
) -> RulesByDay:
    """Return the rules of a Beijing date and of the days after it, under what operators decided.

    Raises:
        Misconfigured: As `load_rules` and `check_divisions`; an edition cannot be used.
        StoreUnavailable: The ledger cannot be read.
    """
    base = load_rules(settings, directories)
    standings = await read_standings(ledger, since=since)
    with usable_editions():
        tables = await take_up(TablesInForce.shipped(base), standings, ledger=ledger, base=base)
    check_divisions(settings, (base, *tables.under.values()))
    return tables.rules


@contextmanager
def usable_editions() -> Iterator[None]:
    """Tell which edition that is in force cannot be used as what is wrong with the ledger.

    Raises:
        Misconfigured: The same, with the cure.
    """
    try:
        yield
    except EditionUnreadable as exc:
        reason = SettingReason.EDITION_UNREADABLE.at("store", edition=exc.edition)
        raise Misconfigured(reason) from exc


def check_divisions(settings: Settings, editions: Collection[Rules]) -> None:
    """Make sure that each agency's division stands in one of the editions at least.

    An agency of a new county is set up before the edition that has it comes into force, and one of
    a county that ended stays until its cases are decided.

    Raises:
        Misconfigured: An agency is of no known division of the province in any of them, or of one
            that is abolished in all, so that no application would reach it any more; a deadline is
            set for a division that is in none.
    """
    for base in tuple(editions)[:1]:
        for division in base.province.division_allowances:
            if not any(_is_within(one.tree, division, settings.province) for one in editions):
                reason = SettingReason.DIVISION_OUTSIDE.at(
                    "division_allowances", division=division, province=settings.province
                )
                raise Misconfigured(reason)
    for one in settings.agency:
        trees = [
            rules.tree
            for rules in editions
            if _is_within(rules.tree, one.division, settings.province)
        ]
        if not trees:
            reason = SettingReason.DIVISION_OUTSIDE.at(
                f"agency {one.code}", division=one.division, province=settings.province
            )
            raise Misconfigured(reason)
        if not any(stands(tree, one.division, tree.as_of) for tree in trees):
            standing = trees[0].ancestors_in_force(one.division, trees[0].as_of)
            reason = SettingReason.DIVISION_ABOLISHED.at(
                f"agency {one.code}", division=one.division, successor=standing[0]
            )
            raise Misconfigured(reason)


def _is_within(tree: DivisionTree, division: str, province: str) -> bool:
    try:
        return tree.is_within(division, province)
    except UnknownDivision:
        return False
