"""机构清单发布: the version in force is published to the national side, part by part.

What has arrived is what the national side says: a part sent again is known there, so that a sender
which was killed needs to have remembered nothing. A newer version overtakes one that is not
published yet. A refusal ends the publishing of that version alone.

Source: 人社厅发〔2020〕3号 第七部分 and annex 4. Assumed: versions and parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.directory_version import DirectoryVersion, published_parts
from gateway.errors import PeerRefused
from gateway.flows.failpoints import Failpoint, FailpointHook, no_hook
from gateway.ports.directory import DirectoryReceiver, Publication, PublicationResult
from gateway.ports.leadership import LeaderLease
from gateway.ports.ledger import Ledger
from gateway.ports.store import Store
from gateway.ports.views import Views
from schemas.records.agencies import AgencyDirectory
from schemas.reference.clock import Now


class Published(StrEnum):
    """What became of one turn of publishing."""

    NOTHING = "nothing"  # nothing is to be published
    INCOMPLETE = "incomplete"  # the version lacks what must be published
    PART = "part"  # a part is there, others are not yet
    PUBLISHED = "published"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PublicationTurn:
    """One turn: of which version, what became of it, and with a refusal its problem code.

    `received` are the parts that are there; they belong to this version alone.
    """

    result: Published
    version: int = 0
    code: str = ""
    received: frozenset[int] = frozenset()


async def publish_next_part(  # noqa: PLR0913 -- whose turn, how far, and dependencies
    lease: LeaderLease,
    receiver: DirectoryReceiver,
    *,
    division: str,
    before: PublicationTurn,
    store: Store,
    now: Now,
    hook: FailpointHook = no_hook,
) -> PublicationTurn:
    """Send one part of the version in force that is not there yet; note where that was the last.

    `before` is the turn before this one, for the parts that are there by then.

    Raises:
        PeerUnavailable: What arrived is unknown: the same part goes again.
        LeaseLost: Another process publishes now; nothing was noted.
        DirectoryUnreadable, StoreUnavailable: Nothing was sent, or noted.
    """
    version = await store.read(lambda views: _to_publish(views, now))
    if version is None:
        return PublicationTurn(Published.NOTHING)
    parts = published_parts(version, division)
    if parts is None:
        return PublicationTurn(Published.INCOMPLETE, version.number)
    there = before.received if before.version == version.number else frozenset()
    part = _next_part(parts, there)
    try:
        answer = await receiver.publish(part)
    except PeerRefused as refused:
        end = Publication(version.number, PublicationResult.REFUSED, now(), refused.problem)
        await _end(lease, end, store=store, hook=hook)
        return PublicationTurn(Published.REFUSED, version.number, refused.problem)
    hook(Failpoint.PART_SENT)
    received = frozenset(answer.received)
    if not answer.in_force:
        return PublicationTurn(Published.PART, version.number, received=received)
    end = Publication(version.number, PublicationResult.PUBLISHED, now())
    await _end(lease, end, store=store, hook=hook)
    return PublicationTurn(Published.PUBLISHED, version.number)


def _to_publish(views: Views, now: Now) -> DirectoryVersion | None:
    """Return the version in force, unless its publishing ended, or that of a later one."""
    number = views.directory_at(now())
    return views.directory(number) if number > views.last_publication() else None


def _next_part(parts: Sequence[AgencyDirectory], there: frozenset[int]) -> AgencyDirectory:
    """Return the first part that is not there; the last again, to be told that all are."""
    return next((one for one in parts if one.part not in there), parts[-1])


async def _end(
    lease: LeaderLease, publication: Publication, *, store: Store, hook: FailpointHook
) -> None:
    def work(ledger: Ledger) -> None:
        ledger.leadership.ensure_held(lease)
        ledger.directory.end_publication(publication)
        hook(Failpoint.PUBLICATION_WRITTEN)

    await store.transact(work)
    hook(Failpoint.PUBLICATION_STORED)
