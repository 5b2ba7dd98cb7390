"""台账: what one transaction can do."""

from typing import Protocol

from gateway.ports.cases import Cases
from gateway.ports.day_book import DayBook
from gateway.ports.directory import DirectoryVersions
from gateway.ports.disclosures import Disclosures
from gateway.ports.entry_texts import EntryTexts
from gateway.ports.inbox import Inbox
from gateway.ports.leadership import Leadership
from gateway.ports.ledger_history import LedgerHistory
from gateway.ports.nonces import Nonces
from gateway.ports.notices import Notices
from gateway.ports.outbox import Outbox
from gateway.ports.quarantine import Quarantine
from gateway.ports.reconciliations import Discrepancies, Reconciliations
from gateway.ports.sealed_rows import SealedRows
from gateway.ports.superseded import SupersededDispatches
from gateway.ports.table_editions import TableEditions
from gateway.ports.unsealed_cases import UnsealedCases


class Ledger(Protocol):
    """台账 inside one transaction: what is read here is locked until the transaction ends."""

    @property
    def cases(self) -> Cases:
        """办件."""
        ...

    @property
    def directory(self) -> DirectoryVersions:
        """机构清单: its versions."""
        ...

    @property
    def disclosures(self) -> Disclosures:
        """脱敏解除记录: who had personal data shown in full."""
        ...

    @property
    def day_book(self) -> DayBook:
        """往来日账: what passed between the two sides, by day."""
        ...

    @property
    def reconciliations(self) -> Reconciliations:
        """对账: how far each day is compared."""
        ...

    @property
    def discrepancies(self) -> Discrepancies:
        """差异: what differs between the two sides."""
        ...

    @property
    def entry_texts(self) -> EntryTexts:
        """附言: what was written with entries of histories."""
        ...

    @property
    def inbox(self) -> Inbox:
        """已收: messages seen."""
        ...

    @property
    def outbox(self) -> Outbox:
        """待发: messages to send."""
        ...

    @property
    def quarantine(self) -> Quarantine:
        """留存待查: what cannot be accepted as it is."""
        ...

    @property
    def nonces(self) -> Nonces:
        """随机数: nonces used before."""
        ...

    @property
    def notices(self) -> Notices:
        """待告知: who is still to be told that the registration ended."""
        ...

    @property
    def sealed_rows(self) -> SealedRows:
        """加密行: what is sealed, and under which key."""
        ...

    @property
    def superseded(self) -> SupersededDispatches:
        """失效分派单: dispatches that are over though nobody decided on them."""
        ...

    @property
    def table_editions(self) -> TableEditions:
        """版本与决定: editions of code tables and divisions, and what was decided on them."""
        ...

    @property
    def unsealed_cases(self) -> UnsealedCases:
        """未封印的办件: cases from before there were seals."""
        ...

    @property
    def history(self) -> LedgerHistory:
        """台账经过: what happened to the ledger as a whole."""
        ...

    @property
    def leadership(self) -> Leadership:
        """主节点租约: which process leads."""
        ...
