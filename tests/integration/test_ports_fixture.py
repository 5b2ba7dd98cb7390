"""The ports of a test's programs are its own: no other worker or run gives them out meanwhile."""

import socket

from duijie.ports import HOST, is_taken
from tests.support.ports import BLOCK, END, FIRST, PortBlock, claim_block, free_ports


def free_of(block: PortBlock) -> list[int]:
    """Return the ports of a block on which nothing listens: a program left behind may."""
    claimed = int(block.claim.getsockname()[1])
    return [one for one in range(claimed + 1, claimed + BLOCK) if not is_taken(HOST, one)]


def test_two_claims_at_once_never_share_a_port() -> None:
    first, second = claim_block(), claim_block()
    with first.claim, second.claim:
        given = [*first.take(50), *second.take(50), *free_ports(50)]
        assert len({*given}) == 150


def test_a_port_that_is_listened_on_is_not_given_out() -> None:
    block = claim_block()
    with block.claim:
        first, *others = free_of(block)
        with socket.create_server((HOST, first)):
            assert block.take(3) == others[:3]


def test_ports_come_round_only_after_all_others() -> None:
    block = claim_block()
    with block.claim:
        free = free_of(block)
        assert [*block.take(len(free) - 50), *block.take(50)] == free


def test_the_system_gives_nobody_a_port_of_a_block() -> None:
    with socket.create_server((HOST, 0)) as named_by_the_system:
        assert named_by_the_system.getsockname()[1] not in range(FIRST, END)
