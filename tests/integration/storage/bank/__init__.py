"""A tiny user of the storage engine: accounts, orders that are obeyed once, letters to peers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from storage.schema import CachedTable, Schema
from storage.session import Session

FOLDER: Final = Path(__file__).parent
TABLES: Final = ("accounts", "orders", "entries", "letters")


class Declined(Exception):
    """The bank says no; nothing may stay of what the work did before."""


class Bank:
    """What one transaction may do."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.peers: set[str] = set()

    def order(self, number: str, answer: str = "done") -> str:
        """Remember an order and its answer; return the answer that it got the first time."""
        if self._session.change("note_order", "A", number, answer, 0):
            return answer
        return str(self._session.rows("order", "A", number)[0][2])

    def orders(self, numbers: Sequence[str]) -> set[str]:
        """Return those orders that were given before."""
        found = self._session.rows_matching("orders", [("A", number) for number in numbers])
        return {number for _, number, _ in found}

    def open(self, *names: str) -> None:
        """Open accounts with nothing in them."""
        rows = [(name, 1, 0) for name in names]
        if self._session.change_each("open_account", rows) != len(rows):
            raise Declined("there is an account of this name")

    def balances(self, *names: str) -> dict[str, int]:
        """Return what is in the accounts that there are."""
        return {name: balance for name, (_, balance) in self._accounts(names).items()}

    def deposit(self, name: str, amount: int) -> int:
        """Put money into an account; return how much is in it now."""
        version, balance = self._accounts([name])[name]
        saved = (version + 1, balance + amount, name, version)
        if not self._session.change_each("save_account", [saved]):
            raise Declined("somebody else changed the account")
        self._session.change_each("note_entry", [(name, version, amount)])
        return balance + amount

    def write_letters(self, *peers: str, body: bytes = b"") -> None:
        """Write a letter to each peer."""
        self._session.change_each("write_letter", [(peer, body) for peer in peers])
        self.peers.update(peers)

    def send_letters(self, peer: str) -> int:
        """Send what is written to a peer; return how many letters went."""
        return len(self._session.rows("send_letters", peer))

    def probe_write(self, padding: bytes) -> None:
        """Write for the sake of writing."""
        self._session.change("probe_write", padding or None)

    def _accounts(self, names: Sequence[str]) -> dict[str, tuple[int, int]]:
        rows = (
            self._session.rows("account", names[0])
            if len(names) == 1
            else self._session.rows_among("accounts", names)
        )
        return {name: (version, balance) for name, version, balance in rows}


class BankStatement:
    """What a customer may read."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def balance(self, name: str) -> int | None:
        """Return what is in an account; None where there is none."""
        rows = self._session.rows("balance", name)
        return rows[0][0] if rows else None

    def entries(self, name: str) -> list[int]:
        """Return the amounts put into an account, the first one first."""
        return [amount for (amount,) in self._session.rows("entries_of", name)]


BANK: Final = Schema(
    Bank,
    BankStatement,
    FOLDER,
    FOLDER / "migrations",
    probe_write=Bank.probe_write,
    cached=(
        CachedTable("orders", key=2, columns=3, usually_absent=True),
        CachedTable("accounts", key=1, columns=3, version=1),
    ),
)
