"""The suite's one way to wait: it ends with the condition, and says what did not come."""

import pytest

from tests.support.until import until


async def test_it_asks_until_the_condition_holds() -> None:
    answers = [False, False, True]
    await until(lambda: answers.pop(0), "the third answer")
    assert answers == []


async def test_a_condition_may_be_awaited() -> None:
    answers = [False, True]

    async def holds() -> bool:
        return answers.pop(0)

    await until(holds, "the second answer")
    assert answers == []


async def test_what_did_not_come_in_time_is_named() -> None:
    with pytest.raises(AssertionError, match=r"not within 0\.01 s: the impossible"):
        await until(lambda: False, "the impossible", 0.01)


async def test_a_timeout_of_the_condition_itself_is_not_taken_for_its_absence() -> None:
    async def times_out() -> bool:
        raise TimeoutError("the condition's own")

    with pytest.raises(TimeoutError, match="the condition's own"):
        await until(times_out, "anything")
