"""The keys of a sealer in use: exchanged for those of the same ledger only, and counted."""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from storage.errors import SealBroken, SealKeyExhausted, StoreMisconfigured
from storage.key_uses import KeyUses
from storage.sealing import LedgerKeys, Sealer

ONE, TWO, OTHER, INDEX = (secrets.token_bytes(32) for _ in range(4))
INDEXES = {1: INDEX, 2: INDEX}
KEYS = LedgerKeys({1: ONE, 2: TWO}, INDEXES)
PLACE = ("contents", "content", "SQ1")
FOREIGN: dict[str, Callable[[], LedgerKeys]] = {
    "another index key": lambda: replace(KEYS, index={1: INDEX, 2: OTHER}),
    "another cipher": lambda: LedgerKeys({1: ONE[:16], 2: TWO[:16]}, INDEXES, "sm4-gcm"),
    "another key under a known epoch": lambda: replace(KEYS, data={1: OTHER, 2: TWO}),
    "without the key that seals": lambda: LedgerKeys({1: ONE, 3: OTHER}, {1: INDEX, 3: INDEX}),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_the_keys_of_another_ledger_are_refused_and_those_in_use_stay(case: str) -> None:
    sealer = Sealer(KEYS)
    sealed = sealer.seal(*PLACE, b"plain")

    with pytest.raises(StoreMisconfigured, match="not those of this ledger"):
        sealer.exchange(FOREIGN[case]())

    assert sealer.epoch == 2
    assert sealer.open(*PLACE, sealed) == b"plain"


def test_a_prepared_key_opens_and_does_not_seal() -> None:
    sealer, first = Sealer(LedgerKeys({1: ONE}, {1: INDEX})), Sealer(KEYS)
    sealer.exchange(replace(KEYS, active=1))

    assert sealer.epoch == 1
    assert sealer.open(*PLACE, first.seal(*PLACE, b"of a replica")) == b"of a replica"


def test_a_retired_key_opens_nothing_more() -> None:
    sealer = Sealer(replace(KEYS, active=1))
    old = sealer.seal(*PLACE, b"plain")
    sealer.exchange(KEYS)
    assert sealer.open(*PLACE, old) == b"plain"

    sealer.exchange(LedgerKeys({2: TWO}, {2: INDEX}))
    with pytest.raises(SealBroken):
        sealer.open(*PLACE, old)


def test_threads_together_take_no_more_than_was_granted() -> None:
    uses = KeyUses(metered=True)
    uses.grant(1, 1_000, reserved=1_000)

    def take(_: int) -> bool:
        try:
            uses.take(1)
        except SealKeyExhausted:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        taken = sum(threads.map(take, range(2_000)))

    assert taken == 1_000
    assert uses.left(1) == 0


def test_half_used_is_heard_once_for_each_grant() -> None:
    uses, heard = KeyUses(metered=True), []
    uses.on_low = lambda: heard.append(uses.left(1))
    uses.grant(1, 10, reserved=10)
    for _ in range(8):
        uses.take(1)
    uses.grant(1, 10, reserved=20)
    for _ in range(12):
        uses.take(1)

    assert heard == [5, 5]


def test_what_is_surrendered_is_what_was_left_and_nothing_is_granted_afterwards() -> None:
    uses = KeyUses(metered=True)
    uses.grant(1, 10, reserved=10)
    uses.grant(2, 3, reserved=3)
    uses.take(1)

    assert uses.surrender() == {1: 9, 2: 3}
    assert uses.surrender() == {}
    with pytest.raises(SealKeyExhausted):
        uses.take(1)
