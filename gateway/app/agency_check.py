"""Whether every open case has its agency in the settings: checked before anything runs.

An agency that is gone would leave its cases where nobody takes them and nobody decides, with their
clock running. So the gateway does not start: the settings may be wrong, and a start would not show.
"""

from collections.abc import Collection, Mapping
from typing import Final

from gateway.adapters.ledger.store import LedgerStore
from gateway.domain.case import State
from gateway.errors import Misconfigured
from gateway.ports.views import UnreadableCase, Views, WorkFilter
from gateway.setting_reasons import SettingReason
from schemas.reasons.reason import Reason

NAMED: Final = 5
"""How many cases of an agency the message names."""
WITH_AN_AGENCY: Final = (State.ACCEPTED.value, State.DISPATCHED.value)


async def check_agencies(store: LedgerStore, connected: Collection[str]) -> None:
    """Make sure that the system of whoever has open cases is still in the settings, by its code.

    Raises:
        Misconfigured: Which agencies are missing, how many cases each has and the first of them,
            by due date, and the cure.
        StoreUnavailable: The ledger cannot be read.
    """

    def work(views: Views) -> Mapping[str, tuple[int, tuple[str, ...]]]:
        counts = views.open_by_agency()
        absent = sorted(code for code in counts if code not in connected)
        return {code: (counts[code], _first_cases(views, code)) for code in absent}

    absent = await store.read(work)
    if absent:
        raise Misconfigured(*(_absent(code, *found) for code, found in absent.items()))


def _absent(code: str, count: int, keys: tuple[str, ...]) -> Reason:
    more = (" …",) if count > NAMED else ()
    cases = (*keys[:-1], "".join((*keys[-1:], *more)))
    return SettingReason.AGENCY_ABSENT.at(f"agency {code}", count=count, cases=cases)


def _first_cases(views: Views, code: str) -> tuple[str, ...]:
    chosen = WorkFilter(agency=code, states=WITH_AN_AGENCY)
    rows = views.worklist(chosen, after=None, limit=NAMED)
    return tuple(row.mark.key for row in rows if not isinstance(row, UnreadableCase))
