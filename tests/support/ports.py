"""端口: ports for the programs of a test, which no other test, worker or run gives out meanwhile.

A port that the system names as free may be gone before the program under test listens on it, and
gone again while a test restarts that program: other workers bind and connect all the time. So each
process that runs tests claims a block of ports below the range from which the system serves such
wishes. The claim is a socket on the first port of the block; it ends with the process.
"""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import cycle
from typing import Final

from duijie.ports import HOST, is_taken

FIRST: Final = 20_000
END: Final = 32_000  # Linux names ports from 32768, the other systems from higher ones
BLOCK: Final = 200


@dataclass(frozen=True, slots=True)
class PortBlock:
    """The ports after the claimed one, given out in turn; the claim lasts as long as the socket."""

    claim: socket.socket
    turn: Iterator[int]

    def take(self, count: int) -> list[int]:
        """Return the next `count` ports on which nothing listens."""
        taken: list[int] = []
        for _ in range(BLOCK):
            if len(taken) == count:
                return taken
            port = next(self.turn)
            if not is_taken(HOST, port):
                taken.append(port)
        raise RuntimeError(f"fewer than {count} free ports in a block of {BLOCK}")


def claim_block() -> PortBlock:
    """Claim the first block that no other process holds."""
    for first in range(FIRST, END, BLOCK):
        claim = socket.socket()
        try:
            claim.bind((HOST, first))  # without SO_REUSEADDR, so that one process succeeds
        except OSError:
            claim.close()
        else:
            claim.listen()
            return PortBlock(claim, cycle(range(first + 1, first + BLOCK)))
    raise RuntimeError(f"no free block of ports between {FIRST} and {END}")


def free_ports(count: int) -> list[int]:
    """Return `count` different free ports of this process's own block."""
    return _own_block().take(count)


@cache
def _own_block() -> PortBlock:
    return claim_block()
