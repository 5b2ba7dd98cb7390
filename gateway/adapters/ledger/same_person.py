"""同一人: other open cases of one certificate number, by the blind index.

The database compares the indexes it holds. While the index key is exchanged they are under several
keys, so the number itself is then asked for under each of them.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from gateway.adapters.ledger.row_shapes import DAMAGED
from gateway.adapters.ledger.seals import open_subject
from storage.errors import SealBroken
from storage.sealing import Sealer
from storage.session import Session

_MOST_SHOWN: Final = 20
"""How many other cases of one person are shown; there is no end to how often somebody applies."""


def open_of_same_person(
    session: Session, sealer: Sealer, subjects: Mapping[str, bytes | None]
) -> dict[str, tuple[str, ...]]:
    """Return other open cases of the persons of some cases, by key, a few at most.

    `subjects` gives the sealed certificate number of each case asked for. One without another open
    case is left out.
    """
    found: dict[str, set[str]] = {}
    if subjects:
        rows = session.rows_among("open_of_same_person", list(subjects), _MOST_SHOWN)
        for key, other in rows:
            found.setdefault(key, set()).add(other)
    if sealer.hashes.is_rotating:
        for key, subject in subjects.items():
            found.setdefault(key, set()).update(_under_each_key(session, sealer, key, subject))
    return {key: tuple(sorted(others)[:_MOST_SHOWN]) for key, others in found.items() if others}


def _under_each_key(session: Session, sealer: Sealer, key: str, subject: bytes | None) -> set[str]:
    found: set[str] = set()
    with suppress(*DAMAGED, SealBroken):  # whoever shows the case reports it
        number = "" if subject is None else open_subject(sealer, key, subject)
        for index in sealer.hashes.indexes(number) if number else ():
            found |= {other for (other,) in session.rows("open_of_person", index, key, _MOST_SHOWN)}
    return found
