"""机构清单的组件: what goes by the directory in the ledger, and what publishes it."""

from dataclasses import dataclass

from gateway.domain.directory_version import DirectoriesInUse
from gateway.domain.retry_policy import Jitter
from gateway.flows.failpoints import FailpointHook
from gateway.jobs.directory_publication import PublicationLoop
from gateway.jobs.directory_watch import DirectoryWatchLoop
from gateway.metrics import Metrics
from gateway.ports.directory import DirectoryReceiver
from gateway.ports.store import Store
from schemas.reference.clock import Now

DirectoryLoop = DirectoryWatchLoop | PublicationLoop


@dataclass(frozen=True, slots=True)
class DirectoryParts:
    """机构清单: what a gateway goes by, what keeps that up to date, and what publishes it."""

    in_use: DirectoriesInUse
    watch: DirectoryWatchLoop
    publication: PublicationLoop

    def wake(self) -> None:
        """Look for a newer version now."""
        self.watch.wake_event.wake()
        self.publication.wake_event.wake()


@dataclass(frozen=True, slots=True)
class DirectoryTerms:
    """What publishing goes by: for which division, who holds the lease, chance, failpoints."""

    division: str
    holder: str
    jitter: Jitter
    hook: FailpointHook


def build_directory(
    directories: DirectoriesInUse,
    receiver: DirectoryReceiver,
    *,
    terms: DirectoryTerms,
    store: Store,
    now: Now,
    metrics: Metrics,
) -> DirectoryParts:
    """Return the parts that keep `directories` up to date and publish them to `receiver`."""
    publication = PublicationLoop(
        receiver,
        division=terms.division,
        holder=terms.holder,
        store=store,
        now=now,
        metrics=metrics,
        jitter=terms.jitter,
        hook=terms.hook,
    )
    watch = DirectoryWatchLoop(directories, store=store, now=now, metrics=metrics)
    return DirectoryParts(directories, watch, publication)
