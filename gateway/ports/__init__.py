"""What the flows need of the world, in the domain's words.

`ledger` is what one transaction can do, in parts: `cases`, `inbox`, `outbox`, `quarantine`,
`nonces`, `sealed_rows` and `leadership` (all synchronous: they cannot await, so they cannot call a
peer while they hold the database). `views` only read, `store` runs either, `peers` are the national
side and the agencies' systems. The database is real in every test; each of the peers has a second
implementation, which a test scripts.
"""

from typing import Final

PORTAL: Final = "portal"
"""The national side's name as a peer; every other peer is named by its agency code."""
