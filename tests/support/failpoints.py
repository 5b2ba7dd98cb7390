"""Which failpoints each kill test walks; `tests/unit/test_failpoints.py` misses none of them."""

from typing import Final

from gateway.flows.failpoints import Failpoint

GIVING_BACK: Final = (
    Failpoint.RETURN_RECEIVED,
    Failpoint.RETURN_WRITTEN,
    Failpoint.RETURN_STORED,
)
"""Passed where an agency returns dispatches."""
ACTING: Final = (
    *(Failpoint.ASSIGN_WRITTEN, Failpoint.ASSIGN_STORED),
    *(Failpoint.HOLD_WRITTEN, Failpoint.HOLD_STORED),
    *(Failpoint.ANNOTATE_WRITTEN, Failpoint.ANNOTATE_STORED),
)
"""Passed where an operator reassigns, holds or annotates cases."""
GIVING_BACK_TO_PORTAL: Final = (
    Failpoint.PORTAL_RETURN_WRITTEN,
    Failpoint.PORTAL_RETURN_STORED,
)
"""Passed where an operator gives applications back to the national side."""
RELEASING: Final = (Failpoint.RELEASE_WRITTEN, Failpoint.RELEASE_STORED)
"""Passed where an operator releases held cases."""
RESENDING: Final = (Failpoint.RESEND_WRITTEN, Failpoint.RESEND_STORED)
"""Passed where an operator sends parked messages again."""
REGISTERING: Final = (
    Failpoint.REGISTRATION_RECEIVED,
    Failpoint.REGISTRATION_WRITTEN,
    Failpoint.REGISTRATION_STORED,
)
"""Passed where an agency hands in what it accepted itself."""
DEREGISTERING: Final = (
    Failpoint.DEREGISTRATION_RECEIVED,
    Failpoint.DEREGISTRATION_WRITTEN,
    Failpoint.DEREGISTRATION_STORED,
)
"""Passed where an agency hands in that registrations ended."""
RESEALING: Final = (Failpoint.RESEAL_WRITTEN, Failpoint.RESEAL_STORED)
"""Passed where rows are sealed again under the newest key."""
ON_THE_WAY: Final = tuple(
    one
    for one in Failpoint
    if one
    not in {
        *GIVING_BACK,
        *ACTING,
        *GIVING_BACK_TO_PORTAL,
        *RELEASING,
        *RESENDING,
        *REGISTERING,
        *DEREGISTERING,
        *RESEALING,
    }
)
"""Passed by an application on its way: all others, so that a new one is demanded of that test."""
