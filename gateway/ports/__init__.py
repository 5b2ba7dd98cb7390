"""What the flows need of the world, in the domain's words.

`ledger` is what one transaction can do, in five parts: `cases`, `inbox`, `outbox`, `quarantine`
and `nonces` (all synchronous: they cannot await, so they cannot call a peer while they hold the
database). `views` only read, `store` runs either, `peers` are the national side and the agencies'
systems. The database is real in every test; of the peers each has a second implementation that a
test scripts.
"""

from typing import Final

PORTAL: Final = "portal"
"""The national side's name as a peer; every other peer is named by its agency code."""
