"""封闭清单: the code tables on which the shape of a record depends, so that no data widen them.

A code that such a table lacks is refused by the type of its member, on both sides of the wire: what
the notices list for good, such as the reasons to refuse, changes by a new version of the contract.
"""

from typing import Final

from schemas.records.agencies import AGENCY_KIND, AGENCY_LEVEL
from schemas.records.deregistrations import DEREGISTRATION_GROUND, DEREGISTRATION_MODE
from schemas.records.outcomes import REFUSAL_REASON, VERDICT
from schemas.records.returns import RETURN_REASON

CLOSED_LISTS: Final = frozenset(
    one.table
    for one in (
        *(AGENCY_KIND, AGENCY_LEVEL, DEREGISTRATION_GROUND, DEREGISTRATION_MODE),
        *(REFUSAL_REASON, RETURN_REASON, VERDICT),
    )
)
"""Names of tables; every `ListedCode` of the records is among them."""
