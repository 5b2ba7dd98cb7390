"""Which failpoints each kill test walks; `tests/unit/test_failpoints.py` misses none of them."""

from typing import Final

from gateway.flows.failpoints import Failpoint

PUSHING: Final = (Failpoint.PUSH_RECEIVED, Failpoint.PUSH_STORED)
"""Passed where the national side pushes, beside those of any page."""
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
DISCLOSING: Final = (Failpoint.DISCLOSE_WRITTEN, Failpoint.DISCLOSE_STORED)
"""Passed where an operator is shown a form unmasked."""
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
LISTING: Final = (Failpoint.DIRECTORY_WRITTEN, Failpoint.DIRECTORY_STORED)
"""Passed where a version of the agency directory is made."""
PUBLISHING: Final = (
    Failpoint.PART_SENT,
    Failpoint.PUBLICATION_WRITTEN,
    Failpoint.PUBLICATION_STORED,
)
"""Passed where a version of the agency directory is published."""
RECONCILING: Final = (
    *(Failpoint.STATEMENT_RECEIVED, Failpoint.STATEMENT_WRITTEN, Failpoint.STATEMENT_STORED),
    *(Failpoint.COMPARED_WRITTEN, Failpoint.COMPARED_STORED),
    *(Failpoint.RECONCILED_WRITTEN, Failpoint.RECONCILED_STORED),
)
"""Passed where a day is compared with the national side's statement."""
FETCHING_TABLES: Final = (
    Failpoint.TABLES_PAGE_FETCHED,
    Failpoint.PROPOSAL_WRITTEN,
    Failpoint.PROPOSAL_STORED,
)
"""Passed where code tables and divisions are fetched."""
DECIDING_ON_TABLES: Final = (Failpoint.DECISION_WRITTEN, Failpoint.DECISION_STORED)
"""Passed where an operator puts tables in force, or rejects them."""
RESEALING: Final = (Failpoint.RESEAL_WRITTEN, Failpoint.RESEAL_STORED)
"""Passed where rows are sealed again under the newest key."""
THROUGH_TABLES: Final = (
    Failpoint.TABLE_DISPATCH_WRITTEN,
    Failpoint.TABLE_RESULTS_READ,
    Failpoint.TABLE_RESULTS_RECORDED,
    Failpoint.TABLE_RESULTS_MARKED,
)
"""Passed where dispatches and results go through an agency's database (前置库)."""
ON_THE_WAY: Final = tuple(
    one
    for one in Failpoint
    if one
    not in {
        *PUSHING,
        *GIVING_BACK,
        *ACTING,
        *DISCLOSING,
        *GIVING_BACK_TO_PORTAL,
        *RELEASING,
        *RESENDING,
        *REGISTERING,
        *DEREGISTERING,
        *LISTING,
        *PUBLISHING,
        *RECONCILING,
        *FETCHING_TABLES,
        *DECIDING_ON_TABLES,
        *RESEALING,
        *THROUGH_TABLES,
    }
)
"""Passed by an application on its way: all others, so that a new one is demanded of that test."""
