"""The keys of every connection are exchanged while messages flow; none is lost, none refused."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import pytest

from gateway.app.lifecycle import Gateway
from gateway.errors import PeerUnavailable
from schemas.reference.clock import utc_now
from schemas.signing import (
    Key,
    KeySet,
    Validity,
    new_key,
    read_key_set,
    write_key_set,
)
from simulator.app import Simulator
from tests.support.stack import PROVINCE, Stack, a_gateway, a_simulator, make_stack
from tests.support.until import until

PLACES = ("410105", "419001")
PER_ROUND = 6


def own_keys(stack: Stack) -> Iterator[Path]:
    """Yield the files whose keys sign: each party's, a secret once."""
    for path in sorted(stack.keys.iterdir()):
        if path.name != "ledger.json" and not path.name.endswith(".public.json"):
            yield path


def public_file(path: Path) -> Path | None:
    public = path.with_suffix(".public.json")
    return public if public.exists() else None


@dataclass(frozen=True)
class Flow:
    """A gateway and a simulator in which people file, agencies decide and results come back."""

    stack: Stack
    gateway: Gateway
    simulator: Simulator

    async def a_round(self) -> None:
        """Let people file and go on at once; `all_back` waits."""
        await self.simulator.entry.file_people(PER_ROUND, seed=7, places=PLACES)

    async def all_back(self) -> None:
        """Wait until every application filed has its result."""
        await until(
            lambda: all(
                one.result_in_force is not None for one in self.simulator.entry.book.applications
            ),
            "a result for every application",
        )

    def reload(self) -> None:
        """Do what the signal does, in both programs."""
        self.simulator.reload_keys()
        self.gateway.reload_keys()

    def refused(self) -> float:
        """Return how many messages the gateway did not believe."""
        family = self.gateway.metrics.signature_refused.collect()
        return sum(one.value for metric in family for one in metric.samples if "total" in one.name)


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return make_stack(tmp_path)


async def test_every_key_is_exchanged_while_messages_flow_and_none_is_missed(stack: Stack) -> None:
    async with (
        asyncio.timeout(60),
        a_simulator(stack.simulator_settings()) as simulator,
        a_gateway(stack.gateway_settings()) as gateway,
    ):
        flow = Flow(stack, gateway, simulator)
        await flow.a_round()
        fresh: dict[Path, Key] = {}

        # 1. every receiver learns the new key, which does not sign yet
        for path in own_keys(stack):
            old = next(iter(read_key_set(path)))
            fresh[path] = new_key(f"{old.key_id}-2", old.suite)
            if (public := public_file(path)) is not None:
                write_key_set(public, KeySet((*read_key_set(public), fresh[path].public_half())))
            else:
                write_key_set(path, KeySet((fresh[path], *read_key_set(path))))
        flow.reload()
        await flow.a_round()

        # 2. the new key signs; the old one is still known
        for path in own_keys(stack):
            others = (key for key in read_key_set(path) if key != fresh[path])
            write_key_set(path, KeySet((*others, fresh[path])))
        flow.reload()
        await flow.a_round()
        await flow.all_back()

        # 3. the old key is revoked everywhere
        for path in stack.keys.iterdir():
            if path.name != "ledger.json":
                write_key_set(path, _with_old_revoked(read_key_set(path)))
        flow.reload()
        await flow.a_round()
        await flow.all_back()

        assert len(flow.simulator.entry.book.applications) == 4 * PER_ROUND
        assert flow.refused() == 0


def _with_old_revoked(keys: KeySet) -> KeySet:
    return KeySet(
        tuple(
            key if key.key_id.endswith("-2") else key.valid(Validity(revoked=True)) for key in keys
        )
    )


async def test_a_key_that_begins_at_an_instant_needs_no_third_step(stack: Stack) -> None:
    # Given both parties of each connection with a key that follows the old one in this second
    edge = utc_now().replace(microsecond=0)
    for path in own_keys(stack):
        (old,) = read_key_set(path)
        new = new_key(f"{old.key_id}-2", old.suite).valid(Validity(since=edge))
        keys = KeySet((old.valid(Validity(until=edge)), new))
        write_key_set(path, keys)
        if (public := public_file(path)) is not None:
            write_key_set(public, KeySet(tuple(key.public_half() for key in keys)))

    async with (
        asyncio.timeout(60),
        a_simulator(stack.simulator_settings()) as simulator,
        a_gateway(stack.gateway_settings()) as gateway,
    ):
        flow = Flow(stack, gateway, simulator)
        await flow.a_round()
        await flow.all_back()
        assert flow.refused() == 0


async def test_a_bad_file_leaves_the_keys_in_force_and_is_counted(
    stack: Stack, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        asyncio.timeout(60),
        a_simulator(stack.simulator_settings()) as simulator,
        a_gateway(stack.gateway_settings()) as gateway,
    ):
        flow = Flow(stack, gateway, simulator)
        key_file = next(own_keys(stack))
        before = key_file.read_bytes()
        for spoilt in (b"", before[:-9], b'{"keys": []}'):
            key_file.write_bytes(spoilt)
            flow.reload()
        key_file.unlink()
        flow.reload()

        # Then everything goes on as before, and both programs say what they did not take
        await flow.a_round()
        await flow.all_back()
        counted = gateway.metrics.key_reloads.labels("refused")
        assert counted._value.get() == 4
        assert [one.message for one in caplog.records].count("keys.kept") == 2 * 4


async def test_where_both_parties_agreed_every_message_says_its_direction(stack: Stack) -> None:
    connection = r'(?m)^key_file = (?!".*push)'  # a push has the tag of its connection
    for file in (stack.gateway_file, stack.folder / "simulator.toml"):
        text = re.sub(connection, 'tag = "directed-only"\nkey_file = ', file.read_text())
        file.write_text(text)

    async with (
        asyncio.timeout(60),
        a_simulator(stack.simulator_settings()) as simulator,
        a_gateway(stack.gateway_settings()) as gateway,
    ):
        flow = Flow(stack, gateway, simulator)
        await flow.a_round()
        simulator.pushers[PROVINCE].switch(on=True)
        await flow.a_round()
        await flow.all_back()
        assert flow.refused() == 0
        accepted = {"route": "pushApplications", "code": "200"}
        counted = gateway.metrics.registry.get_sample_value
        await until(lambda: bool(counted("duijie_http_requests_total", accepted)))


async def test_the_national_side_refuses_a_revoked_key_and_takes_it_back(stack: Stack) -> None:
    async with (
        asyncio.timeout(60),
        a_simulator(stack.simulator_settings(agencies=())) as simulator,
    ):
        # Given a gateway whose key the national side revokes
        file = stack.portal().caller.public
        (key,) = read_key_set(file)
        gateway = Gateway(stack.gateway_settings())
        write_key_set(file, KeySet((key.valid(Validity(revoked=True)),)))
        simulator.reload_keys()

        # Then nothing is forwarded to it
        await simulator.entry.file_people(1, seed=7, places=PLACES)
        with pytest.raises(PeerUnavailable) as refused:
            await gateway.poll_once()
        assert refused.value.status == HTTPStatus.UNAUTHORIZED

        # And with the key back in force everything waits for it
        write_key_set(file, KeySet((key,)))
        simulator.reload_keys()
        assert len(await gateway.poll_once()) == 1
        await gateway.drain()
