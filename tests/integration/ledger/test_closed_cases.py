"""办结件数: cases that have come to their end are counted as they do, and never by reading them."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import pytest

from gateway.adapters.ledger.store import MIGRATIONS, LedgerStore
from gateway.domain.case import State, Step, advance, life
from gateway.ports.ledger import Ledger
from storage.migrations import load_migrations, migrate, revert
from tests.builders.ledger import AT, an_opening
from tests.integration.ledger.conftest import StoreOpener
from tests.integration.ledger.test_migrations import target_at

KEYS: Final = tuple(f"SQ{number}" for number in range(12))


async def open_all(store: LedgerStore) -> None:
    await store.transact(lambda ledger: ledger.cases.open([an_opening(key) for key in KEYS]))


async def states(store: LedgerStore) -> dict[str, int]:
    """Return the figure: how many cases are in each state."""
    counted = await store.read(lambda views: views.figures(AT.date()))
    return dict(counted.states)


async def states_read(store: LedgerStore) -> dict[str, int]:
    """Return the same, by reading every case."""
    cases = await store.read(lambda views: views.cases(KEYS))
    return dict(Counter(case.state.value for case in cases.values()))


def any_steps(keys: Sequence[str], dice: random.Random, at: datetime) -> Callable[[Ledger], None]:
    """Return a unit of work in which some step that its life allows happens to each case."""
    drawn = {key: dice.random() for key in keys}

    def work(ledger: Ledger) -> None:
        changes = []
        for key, case in ledger.cases.read(keys).items():
            steps = sorted(step for state, step in life() if state is case.state)
            step = steps[int(drawn[key] * len(steps))]
            changes.append(advance(case, step, at=at, actor="operator"))
        ledger.cases.save(changes)

    return work


async def walk(store: LedgerStore, keys: Sequence[str], *, seed: int, turns: int) -> None:
    """Let steps happen to several cases at once, again and again."""
    dice = random.Random(seed)  # noqa: S311 -- which steps, the same every time
    for turn in range(turns):
        some = dice.sample(keys, dice.randint(1, len(keys)))
        await store.transact(any_steps(some, dice, AT + timedelta(seconds=turn)))


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_whatever_happens_to_cases_the_figure_is_what_reading_them_says(
    store: LedgerStore, seed: int
) -> None:
    await open_all(store)
    for _ in range(4):
        await walk(store, KEYS, seed=seed, turns=4)
        assert await states(store) == await states_read(store)
    assert {"REPORTED", "WITHDRAWN"} & set(await states(store))


async def test_a_correction_opens_a_reported_case_again_until_it_is_reported(
    store: LedgerStore,
) -> None:
    kept = [an_opening(key, state=State.REPORTED) for key in ("SQ0", "SQ1")]
    await store.transact(lambda ledger: ledger.cases.open(kept))

    def take(step: Step) -> Callable[[Ledger], None]:
        def work(ledger: Ledger) -> None:
            case = ledger.cases.read(["SQ1"])["SQ1"]
            ledger.cases.save([advance(case, step, at=AT, actor="4190010001")])

        return work

    await store.transact(take(Step.DECIDE))
    assert await states(store) == {"REPORTED": 1, "DECIDED": 1}
    await store.transact(take(Step.REPORT))
    assert await states(store) == {"REPORTED": 2}


async def test_a_case_that_is_closed_when_it_is_opened_is_counted(store: LedgerStore) -> None:
    kept = an_opening("SQ0", state=State.WITHDRAWN)
    await store.transact(lambda ledger: ledger.cases.open([kept]))

    assert await states(store) == {"WITHDRAWN": 1}


async def test_what_is_rolled_back_is_not_counted(store: LedgerStore) -> None:
    await open_all(store)

    def work(ledger: Ledger) -> None:
        read = ledger.cases.read(KEYS)
        ledger.cases.save([advance(one, Step.WITHDRAW, at=AT, actor="p") for one in read.values()])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.transact(work)

    assert await states(store) == {"ACCEPTED": len(KEYS)}


async def test_cases_closed_before_they_were_counted_are_counted_by_the_upgrade(
    url: str, open_at: StoreOpener
) -> None:
    store = open_at(url)
    await open_all(store)
    await walk(store, KEYS, seed=4, turns=8)
    before = await states_read(store)
    await store.close()
    with target_at(url) as target:
        known = load_migrations(MIGRATIONS, target.dialect)
        while "closed_cases" not in (revert(target, known) or "closed_cases"):
            pass
        migrate(target, known)

    again = open_at(url)

    assert await states(again) == before
    await walk(again, KEYS, seed=5, turns=8)
    assert await states(again) == await states_read(again)


async def test_two_gateways_that_close_cases_at_once_miss_none(
    postgres_url: str, open_at: StoreOpener
) -> None:
    one, other = open_at(postgres_url), open_at(postgres_url)
    await open_all(one)

    await asyncio.gather(
        walk(one, KEYS[::2], seed=6, turns=20), walk(other, KEYS[1::2], seed=7, turns=20)
    )

    assert await states(one) == await states_read(one)
