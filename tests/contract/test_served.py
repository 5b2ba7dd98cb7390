"""What the page says is not yet built is exactly what the fuzzing finds unserved."""

from contracts.catalogue.operations import NOT_SERVED_YET, OPERATIONS
from contracts.docs.page import page
from tests.contract.fuzz.documents import NOT_SERVED_YET as FOUND_UNSERVED


def test_the_page_marks_what_is_not_served_yet_and_nothing_else() -> None:
    found = {f"{side}.{name}" for side, names in FOUND_UNSERVED.items() for name in names}
    assert found == NOT_SERVED_YET
    assert {f"{one.side}.{one.name}" for one in OPERATIONS} >= NOT_SERVED_YET
    assert page().decode().count('<span class="mark assumed">尚未建成</span><br>') == len(
        NOT_SERVED_YET
    )
