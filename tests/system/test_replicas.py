"""多副本: two gateways on one database share the work, and one may die without a word."""

from collections.abc import Callable
from pathlib import Path
from signal import SIGKILL

from tests.support.until import until
from tests.system.external_client import CITY, COMMUNITY, COUNTY
from tests.system.running_set import RunningSet, a_running_set

LEASE_AND_MORE_S = 150.0
"""A message that the dead one had claimed waits for its lease (60 s) first."""


async def back(running: RunningSet) -> int:
    """Return how many are back at the national side."""
    return (await running.control.summary()).back


async def assert_each_once(running: RunningSet, numbers: list[str]) -> None:
    """In the national book one result each, in the agencies' books one dispatch each."""
    summary = await running.control.summary()
    assert (summary.count, summary.back) == (len(numbers), len(numbers))
    assert (summary.owed, summary.waiting, summary.doubled) == (0, 0, 0)
    assert summary.effects == len(numbers)
    dispatched: list[str] = []
    for agency in (CITY, COUNTY, COMMUNITY):
        dispatches = (await running.control.agency(agency)).dispatches
        dispatched += [one.application_no for one in dispatches]
        assert all(one.answer in {"accepted", "duplicate"} for one in dispatches)
    assert sorted(dispatched) == sorted(numbers)


async def both(running: RunningSet, name: str, **labels: str) -> list[float]:
    """Return one figure of each of the two gateways."""
    return [await running.figure(name, gateway, **labels) for gateway in (0, 1)]


async def file_until_both_have_work(running: RunningSet) -> list[str]:
    """File until either gateway got pages, took results and reported them; at least 200."""
    numbers: list[str] = []

    async def both_have_work() -> bool:
        numbers.extend(await running.file(10))
        figures = [
            *await both(running, "duijie_pull_requests_total", result="rows"),
            *await both(running, "duijie_outcomes_total", answer="accepted"),
            *await both(running, "duijie_result_attempts_total", result="settled"),
        ]
        return len(numbers) >= 200 and min(figures) > 0

    await until(both_have_work, "both gateways take part in everything")
    return numbers


async def test_two_gateways_share_one_ledger_and_nothing_is_doubled(
    tmp_path: Path, make_database: Callable[[], str]
) -> None:
    async with a_running_set(
        tmp_path, store=make_database(), gateway=False, as_processes=True
    ) as running:
        await running.start_replicas(2)
        numbers = await file_until_both_have_work(running)

        async def all_back() -> bool:
            return await back(running) == len(numbers)

        await until(all_back, "all are back", LEASE_AND_MORE_S)
        await assert_each_once(running, numbers)
        taken = await both(running, "duijie_pull_rows_total", verdict="accepted")
        decided = await both(running, "duijie_outcomes_total", answer="accepted")
        reported = await both(running, "duijie_result_attempts_total", result="settled")
        assert sum(taken) == sum(decided) == sum(reported) == len(numbers)


async def test_when_one_of_two_gateways_is_killed_the_other_finishes_its_work(
    tmp_path: Path, make_database: Callable[[], str]
) -> None:
    async with a_running_set(
        tmp_path, store=make_database(), decide_after_s=0.3, gateway=False, as_processes=True
    ) as running:
        await running.start_replicas(2)
        numbers = await file_until_both_have_work(running)
        taken = await both(running, "duijie_pull_rows_total", verdict="accepted")
        busier, other = sorted((0, 1), key=taken.__getitem__, reverse=True)
        numbers += await running.file(40)
        assert await back(running) < len(numbers)  # in the middle of its work
        running.kill(busier)
        numbers += await running.file(40)

        async def all_back() -> bool:
            return await back(running) == len(numbers)

        await until(all_back, "all are back", LEASE_AND_MORE_S)
        assert await running.gateways[busier].process.wait() == -SIGKILL
        assert not running.gateways[other].has_ended
        await assert_each_once(running, numbers)
