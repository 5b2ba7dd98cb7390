"""Failpoints (故障点): named points in the flows, at each of which a test ends the process.

Beside each failpoint stands what makes a death there harmless.
"""

from collections.abc import Callable
from enum import StrEnum


class Failpoint(StrEnum):
    """From page received to report settled; at the end what no application passes by itself."""

    PAGE_RECEIVED = "page-received"  # nothing acknowledged: the items come again
    PAGE_SCREENED = "page-screened"  # likewise
    PAGE_WRITTEN = "page-written"  # inside the transaction: rolled back, the items come again
    PAGE_STORED = "page-stored"  # committed, not acknowledged: repeats meet the inbox
    PAGE_ACKNOWLEDGED = "page-acknowledged"  # committed: the dispatches are in the outbox
    PUSH_RECEIVED = "push-received"  # not answered: the national side pushes it again
    PUSH_STORED = "push-stored"  # committed, not answered: the repeat gets the first receipts
    DISPATCH_CLAIMED = "dispatch-claimed"  # the lease expires and the message goes again
    DISPATCH_SENT = "dispatch-sent"  # unknown: same number again, the agency knows it
    DISPATCH_MARKED = "dispatch-marked"  # inside the transaction: as if only sent
    DISPATCH_SETTLED = "dispatch-settled"  # committed
    OUTCOME_RECEIVED = "outcome-received"  # not answered: the agency sends it again
    OUTCOME_WRITTEN = "outcome-written"  # inside the transaction: likewise
    OUTCOME_STORED = "outcome-stored"  # committed, not answered: the repeat gets the receipt
    REGISTRATION_RECEIVED = "registration-received"  # not answered: the agency sends it again
    REGISTRATION_WRITTEN = "registration-written"  # inside the transaction: likewise
    REGISTRATION_STORED = "registration-stored"  # not answered: the repeat gets the receipt
    DEREGISTRATION_RECEIVED = "deregistration-received"  # not answered: it is sent again
    DEREGISTRATION_WRITTEN = "deregistration-written"  # inside the transaction: likewise
    DEREGISTRATION_STORED = "deregistration-stored"  # not answered: the repeat gets the receipt
    REPORT_CLAIMED = "report-claimed"  # the lease expires and the message goes again
    REPORT_SENT = "report-sent"  # unknown: same key and revision again, one effect there
    REPORT_MARKED = "report-marked"  # inside the transaction: as if only sent
    REPORT_SETTLED = "report-settled"  # committed: the way is done
    TABLE_DISPATCH_WRITTEN = "table-dispatch-written"  # in the agency's database: rolled back
    TABLE_RESULTS_READ = "table-results-read"  # the rows are READY still: read again
    TABLE_RESULTS_RECORDED = "table-results-recorded"  # a repeat gets the first receipt
    TABLE_RESULTS_MARKED = "table-results-marked"  # the rows bear their receipts
    RETURN_RECEIVED = "return-received"  # not answered: the agency sends it again
    RETURN_WRITTEN = "return-written"  # inside the transaction: the agency sends it again
    RETURN_STORED = "return-stored"  # committed, not answered: the repeat gets the receipt
    ASSIGN_WRITTEN = "assign-written"  # inside the transaction: as if never asked for
    ASSIGN_STORED = "assign-stored"  # committed, dispatch and all: a repeat finds it so already
    HOLD_WRITTEN = "hold-written"  # inside the transaction: as if never asked for
    HOLD_STORED = "hold-stored"  # committed: a repeat finds it held
    ANNOTATE_WRITTEN = "annotate-written"  # inside the transaction: as if never asked for
    ANNOTATE_STORED = "annotate-stored"  # committed: a repeat finds the same text there
    DISCLOSE_WRITTEN = "disclose-written"  # inside the transaction: nothing shown or recorded
    DISCLOSE_STORED = "disclose-stored"  # committed, nothing shown: a repeat is recorded too
    PORTAL_RETURN_WRITTEN = "portal-return-written"  # inside the transaction: as if never asked for
    PORTAL_RETURN_STORED = "portal-return-stored"  # committed, message and all: a repeat finds it
    RELEASE_WRITTEN = "release-written"  # inside the transaction: as if never asked for
    RELEASE_STORED = "release-stored"  # committed, dispatches and all: a repeat finds nothing held
    RESEND_WRITTEN = "resend-written"  # inside the transaction: as if never asked for
    RESEND_STORED = "resend-stored"  # committed: a repeat finds nothing parked
    DIRECTORY_WRITTEN = "directory-written"  # inside the transaction: as if never asked for
    DIRECTORY_STORED = "directory-stored"  # committed: a repeat finds the same content there
    PART_SENT = "part-sent"  # unknown: the same part again, the national side knows it
    PUBLICATION_WRITTEN = "publication-written"  # inside the transaction: as if only sent
    PUBLICATION_STORED = "publication-stored"  # committed: that version is published
    STATEMENT_RECEIVED = "statement-received"  # a part, not kept: it is asked for again
    STATEMENT_WRITTEN = "statement-written"  # inside the transaction: likewise
    STATEMENT_STORED = "statement-stored"  # kept: the next part is asked for
    COMPARED_WRITTEN = "compared-written"  # inside the transaction: the page is compared again
    COMPARED_STORED = "compared-stored"  # differences, outbox and mark: the next page comes
    RECONCILED_WRITTEN = "reconciled-written"  # inside the transaction: the day is ended again
    RECONCILED_STORED = "reconciled-stored"  # committed: the day is done
    TABLES_PAGE_FETCHED = "tables-page-fetched"  # nothing stored: the next fetch begins anew
    PROPOSAL_WRITTEN = "proposal-written"  # inside the transaction: likewise
    PROPOSAL_STORED = "proposal-stored"  # committed: the next fetch finds it, and stores nothing
    DECISION_WRITTEN = "decision-written"  # inside the transaction: as if never asked for
    DECISION_STORED = "decision-stored"  # committed: a repeat finds it made, and all take it up
    RESEAL_WRITTEN = "reseal-written"  # inside the transaction: the rows are whole, old key
    RESEAL_STORED = "reseal-stored"  # committed: the rows are whole under the new key


FailpointHook = Callable[[Failpoint], None]
"""Called at every failpoint as it is passed."""


def no_hook(failpoint: Failpoint) -> None:
    """Do nothing at a failpoint: how it is outside the kill tests."""
