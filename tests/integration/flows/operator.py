"""An operator (经手人) at the desk of the flow tests: each act with its dependencies given."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Protocol

from gateway.domain.operator_acts import ActResult
from gateway.domain.portal_return import WantedReturn
from gateway.flows.annotate import annotate_cases
from gateway.flows.assign import assign_cases
from gateway.flows.case_disclosure import CaseDisclosure, disclose_content
from gateway.flows.failpoints import FailpointHook, no_hook
from gateway.flows.hold import hold_cases
from gateway.flows.operator_acts import CaseAct
from gateway.flows.portal_return import return_cases
from gateway.flows.release import CaseRelease, release_held
from schemas.records.application_returns import NOT_OURS
from tests.builders.records import JIYUAN
from tests.integration.flows.desk import TODAY, Desk

OPERATOR: Final = "李敏"
REASON: Final = "本人常住济源"


async def assign(
    desk: Desk, *keys: str, to: str = JIYUAN, hook: FailpointHook = no_hook
) -> tuple[CaseAct, ...]:
    """Give cases to another agency, by default 济源市, which fetches."""
    agency = desk.rules.directory.on(TODAY).get(to)
    assert agency is not None
    return await assign_cases(
        keys,
        agency=agency,
        reason=REASON,
        operator=OPERATOR,
        store=desk.store,
        rules=desk.rules,
        now=desk.clock,
        hook=hook,
    )


async def hold(
    desk: Desk, *keys: str, reason: str = REASON, hook: FailpointHook = no_hook
) -> tuple[CaseAct, ...]:
    """Hold cases."""
    return await hold_cases(
        keys, reason=reason, operator=OPERATOR, store=desk.store, now=desk.clock, hook=hook
    )


async def annotate(
    desk: Desk, *keys: str, text: str = REASON, hook: FailpointHook = no_hook
) -> tuple[CaseAct, ...]:
    """Write something about cases."""
    return await annotate_cases(
        keys, text=text, operator=OPERATOR, store=desk.store, now=desk.clock, hook=hook
    )


async def disclose(
    desk: Desk, *keys: str, reason: str = REASON, hook: FailpointHook = no_hook
) -> list[CaseDisclosure]:
    """Be shown what persons filled in."""
    return [
        await disclose_content(
            key, reason=reason, operator=OPERATOR, store=desk.store, now=desk.clock, hook=hook
        )
        for key in keys
    ]


async def return_to_portal(
    desk: Desk,
    *keys: str,
    reason: str = NOT_OURS,
    belongs_to: str | None = None,
    hook: FailpointHook = no_hook,
) -> tuple[CaseAct, ...]:
    """Give cases back to the national side."""
    return await return_cases(
        keys,
        wanted=WantedReturn(reason, belongs_to, OPERATOR, OPERATOR),
        text=REASON,
        store=desk.store,
        rules=desk.rules,
        now=desk.clock,
        hook=hook,
    )


async def release(desk: Desk, *keys: str) -> tuple[CaseRelease, ...]:
    """Let held cases go on."""
    return await release_held(
        keys, operator=OPERATOR, store=desk.store, rules=desk.rules, now=desk.clock
    )


def results(acts: tuple[CaseAct, ...]) -> list[ActResult]:
    """Return what became of each case."""
    return [one.result for one in acts]


class Act(Protocol):
    """Something that an operator does to cases."""

    async def __call__(self, desk: Desk, *keys: str, hook: FailpointHook) -> object:
        """Do it."""
        ...


ACTS: Final[Mapping[str, Act]] = MappingProxyType(
    {
        "assign": assign,
        "hold": hold,
        "annotate": annotate,
        "disclose": disclose,
        "return": return_to_portal,
    }
)
