"""What the flows need of the world, in the domain's words.

`messages` are the records that pass through; `ledger` is what one transaction can do (synchronous:
it cannot await, so it cannot call a peer while it holds the database); `views` only read; `store`
runs either; `peers` are the national side and the agencies' systems. Each port has a real
implementation and one that a test scripts.
"""

from typing import Final

PORTAL: Final = "portal"
"""The national side's name as a peer; every other peer is named by its agency code."""
