"""Commands that change the ledger: what they seal is counted as the gateway's own sealing is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from duijie.ledger_reader import open_ledger_reader
from duijie.ledger_writer import open_ledger_writer
from gateway.config import Settings
from tests.builders.ledger import a_quarantined_item
from tests.integration.gateway.harness import AGENCIES
from tests.support.stack import make_stack


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Give the settings of a gateway over each kind of store."""
    made = make_stack(tmp_path, AGENCIES).gateway_settings()
    if request.param == "sqlite":
        return made
    make_database: Callable[[], str] = request.getfixturevalue("make_ledger_database")
    return made.model_copy(update={"store": make_database()})


async def uses(settings: Settings) -> int:
    """Return how many uses of the first data key count."""
    async with open_ledger_reader(settings) as ledger:
        return (await ledger.read(lambda views: views.key_uses())).get(1, 0)


async def seal(settings: Settings, *contents: bytes) -> None:
    """Have a command seal so many items."""
    items = [a_quarantined_item(content) for content in contents]
    async with open_ledger_writer(settings) as ledger:
        await ledger.store.transact(lambda unit: unit.quarantine.add(items))


async def test_what_a_command_seals_is_counted_and_the_rest_given_back(settings: Settings) -> None:
    await seal(settings, b"a")
    before = await uses(settings)
    await seal(settings, b"b", b"c", b"d")
    assert await uses(settings) - before == 3


async def test_a_command_that_dies_counts_what_it_had_reserved(settings: Settings) -> None:
    await seal(settings, b"a")
    before = await uses(settings)
    with pytest.raises(KeyboardInterrupt):
        async with open_ledger_writer(settings):
            raise KeyboardInterrupt
    assert await uses(settings) > before
