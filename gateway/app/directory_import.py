"""首次启动: the agencies of the settings become version 1 of the directory, once (机构清单)."""

import logging
from collections.abc import Callable
from datetime import date
from typing import Final, Protocol, TypeVar

from gateway.adapters.ledger.store import LedgerStore
from gateway.config import AgencySettings, Settings
from gateway.domain.directory_version import SETTINGS, DirectoriesInUse, DirectoryVersion
from gateway.domain.intake_rules import Rules
from gateway.domain.listed_agencies import REGISTRATION, DirectoryContent, ListedAgency
from gateway.errors import DirectoryUnreadable, Misconfigured
from gateway.events import say
from gateway.flows.directory import DirectoryRequest, make_directory_version
from gateway.flows.failpoints import FailpointHook
from gateway.ports.views import Views
from gateway.setting_reasons import SettingReason
from schemas.reference.clock import Now, beijing_date
from schemas.reference.division_rows import DivisionLevel
from schemas.reference.divisions import DivisionTree

LOG: Final = logging.getLogger(__name__)
_REASON: Final = "首次启动：取自设置文件"
_PUBLIC_AGENCY: Final = "1"
_LEVELS: Final = {DivisionLevel.CITY: "1", DivisionLevel.COUNTY: "2", DivisionLevel.STREET: "3"}
_COMMUNITY: Final = "4"


T = TypeVar("T")


class Readable(Protocol):
    """A ledger, as going by its directory needs it."""

    async def read(self, view: Callable[[Views], T]) -> T:
        """Run a read-only view."""
        ...


async def take_directory_from_settings(
    settings: Settings, rules: Rules, *, store: LedgerStore, now: Now, hook: FailpointHook
) -> None:
    """Make version 1 of the settings' agencies where the ledger has none; say where it has others.

    Raises:
        Misconfigured: The directory in the ledger is not as it was written.
        DirectoryRefused: The agencies of the settings contradict each other.
        StoreUnavailable: Nothing was stored.
    """
    today = beijing_date(now())
    content = settings_content(settings, rules.tree, today)
    if not content.agencies:
        return
    request = DirectoryRequest(content, SETTINGS, _REASON, today, first_only=True)
    try:
        made = await make_directory_version(
            request,
            tree=rules.tree,
            province=settings.province,
            store=store,
            now=now,
            hook=hook,
        )
    except DirectoryUnreadable as exc:
        raise directory_unreadable(exc) from exc
    if made.is_new:
        say(LOG, logging.INFO, "directory.imported", count=len(content.agencies))
    elif count := _differing(settings, rules.tree, made.version):
        say(LOG, logging.WARNING, "directory.settings-differ", count=count)


async def use_directories(directories: DirectoriesInUse, *, store: Readable, now: Now) -> None:
    """Go by the versions in the ledger.

    Raises:
        Misconfigured: One of them is not as it was written.
        StoreUnavailable: The ledger cannot be read.
    """
    at = now()
    try:
        directories.exchange(await store.read(lambda views: views.directories_from(at)))
    except DirectoryUnreadable as exc:
        raise directory_unreadable(exc) from exc


def directory_unreadable(exc: DirectoryUnreadable) -> Misconfigured:
    """Return why a gateway does not go by a directory that was altered."""
    return Misconfigured(SettingReason.DIRECTORY_UNREADABLE.at("store", version=exc.version))


def settings_content(settings: Settings, tree: DivisionTree, today: date) -> DirectoryContent:
    """Return the agencies of the settings as a list says them, from `today`."""
    agencies = tuple(_listed(one, tree, today) for one in settings.agency)
    return DirectoryContent(agencies).ordered(tree)


def _listed(one: AgencySettings, tree: DivisionTree, today: date) -> ListedAgency:
    return ListedAgency(
        code=one.code,
        name=one.name,
        division=one.division,
        address=one.address,
        telephone=one.telephone,
        level=_level(one.division, tree),
        kind=_PUBLIC_AGENCY,
        parent=None,
        services=(REGISTRATION,),
        registers=True,
        accounts=one.accounts,
        valid_from=today,
        valid_to=None,
    )


def _level(division: str, tree: DivisionTree) -> str | None:
    """Return the level of the agency of a division: a code below the table's is a community's.

    Assumed: an agency is of the level of its division.
    """
    row = tree.get(division)
    return _COMMUNITY if row is None else _LEVELS.get(row.level)


def _differing(settings: Settings, tree: DivisionTree, newest: DirectoryVersion) -> int:
    """Return how many agencies of the settings the newest version does not have as they are."""
    listed = {(one.code, one.name, one.division) for one in newest.content.agencies}
    named = {(one.code, one.name, tree.normalise(one.division)) for one in settings.agency}
    return len(named - listed)
