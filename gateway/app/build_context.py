"""What the parts need beside the settings: the time, chance, failpoints, figures."""

from dataclasses import dataclass

from gateway.domain.retry_policy import Jitter
from gateway.flows.failpoints import FailpointHook
from gateway.metrics import Metrics
from schemas.reference.clock import Now
from storage.lease_clock import LeaseClock


@dataclass(frozen=True, slots=True)
class BuildContext:
    """What the parts need beside the settings: the time, chance, failpoints, figures.

    Leases go by `lease_clock`, and waits within the process by `monotonic`; without them by `now`,
    which never steps then.
    """

    now: Now
    jitter: Jitter
    hook: FailpointHook
    metrics: Metrics
    lease_clock: LeaseClock | None = None
    monotonic: Now | None = None
