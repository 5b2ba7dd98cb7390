"""A request that the control interface would refuse is refused before it is sent."""

import pytest

from duijie.clients.control_client import checked_request
from duijie.errors import FAILED, CliError
from simulator.web.control.requests import ArmFaultRequest, FileRequest


def test_a_request_that_fits_is_the_interfaces_own_model() -> None:
    request = checked_request(ArmFaultRequest, fault="delay", operation="ping", nth=2)
    assert request == ArmFaultRequest(fault="delay", operation="ping", nth=2)


@pytest.mark.parametrize(
    ("members", "reason"),
    [({"count": 0}, "count"), ({"places": ["济源"]}, "places/0"), ({"cuont": 3}, "cuont")],
)
def test_a_member_that_does_not_fit_is_named(members: dict[str, object], reason: str) -> None:
    with pytest.raises(CliError) as caught:
        checked_request(FileRequest, **members)
    assert reason in caught.value.cause
    assert caught.value.exit_code == FAILED


def test_a_fault_with_two_triggers_is_refused() -> None:
    with pytest.raises(CliError) as caught:
        checked_request(ArmFaultRequest, fault="delay", operation="ping", nth=1, count=2)
    assert "nth、count、every 最多给出一项" in caught.value.cause
