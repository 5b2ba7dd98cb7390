"""Settings that lack an agency with open cases: refused with the list, on both stores."""

import pytest

from gateway.adapters.ledger.store import LedgerStore
from gateway.app.agency_check import NAMED, check_agencies
from gateway.domain.case import State
from gateway.errors import Misconfigured
from tests.builders.ledger import an_opening

HERE = ("430104A01",)


async def opened(store: LedgerStore, *keys: str, **changes: object) -> None:
    openings = [an_opening(key, **changes) for key in keys]
    await store.transact(lambda ledger: ledger.cases.open(openings))


async def test_open_cases_of_an_agency_in_the_settings_hinder_nothing(store: LedgerStore) -> None:
    await opened(store, "SQ1", "SQ2")
    await opened(store, "SQ3", state=State.DISPATCHED)

    await check_agencies(store, HERE)


@pytest.mark.parametrize("state", [State.ACCEPTED, State.DISPATCHED])
async def test_an_agency_that_is_gone_with_open_cases_is_refused_with_their_list(
    store: LedgerStore, state: State
) -> None:
    await opened(store, "SQ1")
    await opened(store, "SQ2", "SQ3", agency="430103A01", state=state)
    await opened(store, "SQ4", agency="430102A01", state=state)

    with pytest.raises(Misconfigured) as refused:
        await check_agencies(store, HERE)

    message = str(refused.value)
    assert "agency 430103A01: 2 open cases (SQ2, SQ3)" in message
    assert "agency 430102A01: 1 open cases (SQ4)" in message
    assert "put the section back" in message
    assert "SQ1" not in message
    assert "430104A01" not in message


@pytest.mark.parametrize("state", [s for s in State if s not in {State.ACCEPTED, State.DISPATCHED}])
async def test_a_case_that_waits_for_no_agency_hinders_nothing(
    store: LedgerStore, state: State
) -> None:
    await opened(store, "SQ1", agency="430103A01", state=state)
    await opened(store, "SQ2", agency=None, state=state)

    await check_agencies(store, HERE)


async def test_a_long_list_is_cut_and_says_how_long_it_is(store: LedgerStore) -> None:
    keys = [f"SQ{number:03}" for number in range(NAMED + 3)]
    await opened(store, *keys, agency="430103A01")

    with pytest.raises(Misconfigured, match=rf"{NAMED + 3} open cases \(.*SQ004 …\)") as refused:
        await check_agencies(store, ())

    assert "SQ005" not in str(refused.value)
