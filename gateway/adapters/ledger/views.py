"""查阅: what is read beside the units of work, each kind of it by a module of its own."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from gateway.adapters.ledger.audit import audit_page
from gateway.adapters.ledger.cases import read_contents
from gateway.adapters.ledger.conflicts import read_conflicts
from gateway.adapters.ledger.directory import (
    directory_number_at,
    last_publication,
    list_directories,
    newest_directory_number,
    read_directories_from,
    read_directory,
)
from gateway.adapters.ledger.entry_texts import read_texts
from gateway.adapters.ledger.figures import (
    count_flow,
    count_key_uses,
    count_open_by_agency,
    count_rows_by_epoch,
    find_epochs_in_use,
    find_newest_epoch,
)
from gateway.adapters.ledger.history import HistoryRow, as_entry
from gateway.adapters.ledger.ledger_history import read_ledger_history
from gateway.adapters.ledger.message_views import read_messages, read_parked
from gateway.adapters.ledger.nonces import newest_nonce
from gateway.adapters.ledger.notices import list_notices
from gateway.adapters.ledger.observer import LedgerObserver
from gateway.adapters.ledger.quarantine_views import read_quarantined
from gateway.adapters.ledger.reconciling_views import SqlReconcilingViews
from gateway.adapters.ledger.reports import SqlReports
from gateway.adapters.ledger.row_shapes import DAMAGED
from gateway.adapters.ledger.superseded import read_superseded
from gateway.adapters.ledger.table_editions import (
    count_open_places,
    find_editions,
    read_edition,
)
from gateway.adapters.ledger.table_views import TableViews
from gateway.adapters.ledger.unreadable import tell_unreadable, text_of
from gateway.adapters.ledger.worklist import SqlWorklist
from gateway.domain.case import Case, HistoryEntry
from gateway.domain.directory_version import DirectoryVersion
from gateway.domain.division_changes import OpenPlace
from gateway.domain.ledger_entry import LedgerEntry
from gateway.domain.table_decisions import TableDecision
from gateway.domain.table_editions import Edition, EditionRef, TableKind
from gateway.ports.audit import AuditPage
from gateway.ports.directory import DirectoryRow
from gateway.ports.notices import NoticeDue
from gateway.ports.outbox import ParkedMessage
from gateway.ports.superseded import Superseded
from gateway.ports.table_views import TableStanding
from gateway.ports.unreadable import UnreadableRow
from gateway.ports.views import (
    ConflictRow,
    FlowFigures,
    MessageView,
    PageMark,
    QuarantineRow,
    UnreadableCase,
    WorkFilter,
    WorkRow,
)
from schemas.reference.clock import beijing_date
from storage.sealing import Sealer
from storage.session import Row, Session


class SqlViews:
    """`Views` inside one read-only transaction of `session`.

    A row that cannot be read keeps its place and hides none of its neighbours.
    """

    __slots__ = ("_observer", "_sealer", "_session", "_tables", "_worklist", "reconciling")

    def __init__(self, session: Session, sealer: Sealer, observer: LedgerObserver) -> None:
        self._session, self._sealer, self._observer = session, sealer, observer
        self._worklist = SqlWorklist(session, sealer, observer)
        self._tables = TableViews(session, sealer, observer)
        self.reconciling = SqlReconcilingViews(session, sealer)

    @property
    def reports(self) -> SqlReports:
        """Reading for reports, in the same transaction."""
        return SqlReports(self._session, self._sealer, self._observer)

    def worklist(
        self, chosen: WorkFilter, *, after: PageMark | None, limit: int
    ) -> list[WorkRow | UnreadableCase]:
        """Return cases by due date (unknown last), then key; keyset, never offset."""
        return self._worklist.page(chosen, after=after, limit=limit)

    def case(self, key: str) -> WorkRow | UnreadableCase | None:
        """Return one case, or None."""
        return self._worklist.case(key)

    def cases(self, keys: Sequence[str]) -> dict[str, Case]:
        """Return the cases there are among `keys`; one that cannot be read is left out."""
        return self._worklist.cases(keys)

    def history(self, key: str) -> list[HistoryEntry | UnreadableRow]:
        """Return a case's history, oldest first."""
        return [self._entry(row) for row in self._session.rows("history_of", key)]

    def texts(self, key: str) -> dict[int, str]:
        """Return what was written with entries of a case's history, by entry."""
        return read_texts(self._session, self._sealer, key)

    def conflicts(self, key: str) -> list[ConflictRow]:
        """Return what came under the number of a case with other content, a few at most."""
        return read_conflicts(self._session, self._sealer, key)

    def contents(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Return what was received for the cases among `keys`; one whose seal broke is absent."""
        return read_contents(self._session, self._sealer, keys)

    def audit(self, after: str, *, limit: int) -> AuditPage:
        """Examine the cases after a key, with their histories; the first page is after ''."""
        return audit_page(self._session, self._sealer, after, limit)

    def ledger_history(self) -> list[LedgerEntry | UnreadableRow]:
        """Return what happened to the ledger as a whole, oldest first."""
        return read_ledger_history(self._session, self._sealer)

    def messages(self, key: str) -> list[MessageView | UnreadableRow]:
        """Return the messages about a case, oldest first, with their attempts."""
        return read_messages(self._session, self._observer, key)

    def notices_due(
        self, *, before: date | None, after: NoticeDue | None, limit: int
    ) -> list[NoticeDue]:
        """Return notices that are due by their last day, those unknown last; keyset."""
        return list_notices(self._session, before=before, after=after, limit=limit)

    def superseded(self, agency: str, *, since: datetime, limit: int) -> list[Superseded]:
        """Return the latest dispatches to `agency` that are over since then, undecided."""
        return read_superseded(self._session, agency, since, limit)

    def parked(self, keys: Sequence[str], *, peer: str | None, limit: int) -> list[ParkedMessage]:
        """Return the parked messages of these cases, or with a `peer` all to it, oldest first."""
        return read_parked(self._session, self._observer, keys, peer=peer, limit=limit)

    def newest_nonce(self, key_id: str) -> datetime | None:
        """Return until when the nonce that a key used last was good; None where none is kept."""
        return newest_nonce(self._session, key_id)

    def open_by_agency(self) -> dict[str, int]:
        """Return how many cases each agency has that it has not decided."""
        return count_open_by_agency(self._session)

    def figures(self, today: date, warned_until: date | None = None) -> FlowFigures:
        """Return the counts; `today` is the Beijing date that decides what is overdue."""
        return count_flow(self._session, today, warned_until or today)

    def rows_by_epoch(self) -> Mapping[int, int]:
        """Return how many rows are sealed under the keys of each epoch; under 0, in clear."""
        return count_rows_by_epoch(self._session)

    def epochs_in_use(self) -> frozenset[int]:
        """Return the epochs whose keys were used and not retired."""
        return find_epochs_in_use(self._session)

    def newest_epoch(self) -> int:
        """Return the epoch of the newest content, 0 where there is none."""
        return find_newest_epoch(self._session)

    def key_uses(self) -> Mapping[int, int]:
        """Return how many uses of each data key are reserved."""
        return count_key_uses(self._session)

    def newest_directory(self) -> int:
        """Return the number of the newest version of the agency directory, 0 without any."""
        return newest_directory_number(self._session)

    def directory(self, number: int) -> DirectoryVersion | None:
        """Return one version of the agency directory, or None."""
        return read_directory(self._session, self._sealer, number)

    def directory_at(self, at: datetime) -> int:
        """Return the number of the version that was in force at an instant, 0 without any."""
        return directory_number_at(self._session, at, beijing_date(at))

    def directories_from(self, at: datetime) -> list[DirectoryVersion]:
        """Return the version in force at an instant and all with higher numbers, lowest first."""
        return read_directories_from(self._session, self._sealer, at, beijing_date(at))

    def directories(self, *, before: int, limit: int) -> list[DirectoryRow]:
        """Return the latest versions below a number, highest first, and how publishing ended."""
        return list_directories(self._session, before, limit)

    def last_publication(self) -> int:
        """Return the highest number of a version whose publishing ended, 0 without any."""
        return last_publication(self._session)

    def quarantined(self, *, limit: int) -> list[QuarantineRow | UnreadableRow]:
        """Return the open items in quarantine, newest first."""
        return read_quarantined(self._session, self._observer, limit)

    def table_standing(self, kind: TableKind, since: date) -> TableStanding:
        """Return how the tables of a kind stand on a Beijing date and later."""
        return self._tables.standing(kind, since)

    def editions_named(self, named: EditionRef) -> list[EditionRef]:
        """Return the stored editions that a digest cut short can mean, two at most."""
        return find_editions(self._session, named)

    def table_edition(self, edition: EditionRef) -> Edition | None:
        """Return an edition with its rows; None where it is not there, or is damaged."""
        return read_edition(self._session, edition)

    def table_decisions(self, kind: TableKind, *, limit: int) -> list[TableDecision]:
        """Return the latest decisions on editions of a kind, the last one first."""
        return self._tables.decisions(kind, limit)

    def open_places(self, *, limit: int) -> list[OpenPlace]:
        """Return where the first `limit` open cases of each state are registered, and how many."""
        return count_open_places(self._session, limit)

    def _entry(self, row: Row) -> HistoryEntry | UnreadableRow:
        try:
            return as_entry(row)
        except DAMAGED as damage:
            stored = HistoryRow._make(row)
            place = f"{text_of(stored.key)}/{stored.seq}"
            return tell_unreadable(self._observer, "case_history", place, damage)
