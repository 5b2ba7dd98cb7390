"""机构清单版本: a content becomes the next version of the agency directory, checked, in one step.

A version is never changed; the same content again, in force by the day that is asked for, makes no
new one. Every gateway on the ledger is woken by the commit and goes by it.

Source: 人社厅发〔2020〕3号 第七部分 (kept up to date); 湘人社函〔2020〕23号 第三部分.
"""

from dataclasses import dataclass
from datetime import date

from gateway.domain.directory_checks import (
    DirectoryFault,
    DirectoryFlaw,
    DirectoryRefused,
    directory_faults,
)
from gateway.domain.directory_version import DirectoryVersion
from gateway.domain.listed_agencies import DirectoryContent
from gateway.flows.failpoints import Failpoint, FailpointHook, no_hook
from gateway.ports.ledger import Ledger
from gateway.ports.store import Store
from schemas.reference.clock import Now, beijing_date
from schemas.reference.divisions import DivisionTree


@dataclass(frozen=True, slots=True)
class DirectoryRequest:
    """A content that is to be in force from a Beijing date, by whom and why.

    `valid_from` None means today. `first_only` asks for version 1: where there is a version, of
    whatever content, nothing is made.
    """

    content: DirectoryContent
    made_by: str
    reason: str
    valid_from: date | None = None
    first_only: bool = False


@dataclass(frozen=True, slots=True)
class DirectoryMade:
    """The version that holds the content; `is_new` is false where it stood there already."""

    version: DirectoryVersion
    is_new: bool


async def make_directory_version(
    request: DirectoryRequest,
    *,
    tree: DivisionTree,
    province: str,
    store: Store,
    now: Now,
    hook: FailpointHook = no_hook,
) -> DirectoryMade:
    """Make the next version of the directory, unless the newest says the same.

    Raises:
        DirectoryRefused: Everything that is wrong with the content; nothing was stored.
        DirectoryUnreadable: The newest version is not as it was written; nothing was stored.
        StoreUnavailable: Nothing was stored, or on PostgreSQL that is unknown: do it again.
    """
    at = now()
    today = beijing_date(at)
    valid_from = request.valid_from or today
    if faults := request_faults(request, tree=tree, province=province, today=today):
        raise DirectoryRefused(faults)
    content = request.content.ordered(tree)

    def work(ledger: Ledger) -> DirectoryMade:
        newest = ledger.directory.newest()
        if newest is not None and (request.first_only or _is_the_same(newest, content, valid_from)):
            return DirectoryMade(newest, is_new=False)
        number = 1 if newest is None else newest.number + 1
        made = DirectoryVersion(number, at, valid_from, request.made_by, request.reason, content)
        ledger.directory.add(made)
        hook(Failpoint.DIRECTORY_WRITTEN)
        return DirectoryMade(made, is_new=True)

    made = await store.transact(work)
    hook(Failpoint.DIRECTORY_STORED)
    return made


def request_faults(
    request: DirectoryRequest, *, tree: DivisionTree, province: str, today: date
) -> list[DirectoryFlaw]:
    """Return all that keeps a request from becoming a version; `today` is a Beijing date."""
    faults = directory_faults(request.content, tree=tree, province=province)
    if request.valid_from is not None and request.valid_from < today:
        day = {"day": request.valid_from.isoformat()}
        faults.append(DirectoryFlaw(DirectoryFault.DAY_PASSED, None, day))
    return faults


def _is_the_same(newest: DirectoryVersion, content: DirectoryContent, valid_from: date) -> bool:
    """Say whether the newest version has this content, and is in force by then."""
    return newest.content == content and newest.valid_from <= valid_from
