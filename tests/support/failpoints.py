"""Which failpoints each kill test walks; `tests/unit/test_failpoints.py` misses none of them."""

from typing import Final

from gateway.flows.failpoints import Failpoint

GIVING_BACK: Final = (Failpoint.RETURN_WRITTEN, Failpoint.RETURN_STORED)
"""Passed where an agency returns dispatches."""
RELEASING: Final = (Failpoint.RELEASE_WRITTEN, Failpoint.RELEASE_STORED)
"""Passed where an operator releases held cases."""
RESENDING: Final = (Failpoint.RESEND_WRITTEN, Failpoint.RESEND_STORED)
"""Passed where an operator sends parked messages again."""
RESEALING: Final = (Failpoint.RESEAL_WRITTEN, Failpoint.RESEAL_STORED)
"""Passed where rows are sealed again under the newest key."""
ON_THE_WAY: Final = tuple(
    one for one in Failpoint if one not in {*GIVING_BACK, *RELEASING, *RESENDING, *RESEALING}
)
"""Passed by an application on its way: all others, so that a new one is demanded of that test."""
