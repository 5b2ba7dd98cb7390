"""Every record of the contract (报文), by the name under which it is published."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType, UnionType
from typing import Annotated, Final, Union, get_args, get_origin

from schemas.records.agencies import AgencyDirectory, DirectoryAnswer
from schemas.records.application_returns import ApplicationReturn, ApplicationReturnBatch
from schemas.records.applications import FeedPage, ForwardedApplication, Withdrawal
from schemas.records.base import WireModel
from schemas.records.deregistrations import Deregistration, DeregistrationBatch
from schemas.records.dispatches import CaseView, Dispatch, DispatchBatch, DispatchPage, Ping, Pong
from schemas.records.operator_acts import (
    ActAnswer,
    AnnotateAct,
    AssignAct,
    HoldAct,
    ReleaseAct,
    ResendAct,
    ResendAnswer,
    ReturnAct,
)
from schemas.records.outcomes import Outcome, OutcomeBatch
from schemas.records.problems import Problem
from schemas.records.pushes import FeedPush
from schemas.records.receipts import (
    AcknowledgementBatch,
    BatchAnswer,
    DispatchAcknowledgementBatch,
    Receipt,
)
from schemas.records.registrations import LocalRegistration, RegistrationBatch
from schemas.records.returns import DispatchReturn, DispatchReturnBatch
from schemas.records.statements import Statement
from schemas.records.tables import CodeTable, CodeTableList, DivisionPage

RECORDS: Final[Mapping[str, type[WireModel]]] = MappingProxyType(
    {
        "acknowledgement-batch": AcknowledgementBatch,
        "act-answer": ActAnswer,
        "agency-directory": AgencyDirectory,
        "annotate-act": AnnotateAct,
        "application": ForwardedApplication,
        "application-return": ApplicationReturn,
        "application-return-batch": ApplicationReturnBatch,
        "assign-act": AssignAct,
        "batch-answer": BatchAnswer,
        "case-view": CaseView,
        "code-table": CodeTable,
        "code-table-list": CodeTableList,
        "deregistration": Deregistration,
        "deregistration-batch": DeregistrationBatch,
        "directory-answer": DirectoryAnswer,
        "dispatch": Dispatch,
        "dispatch-acknowledgement-batch": DispatchAcknowledgementBatch,
        "dispatch-batch": DispatchBatch,
        "dispatch-page": DispatchPage,
        "dispatch-return": DispatchReturn,
        "dispatch-return-batch": DispatchReturnBatch,
        "division-page": DivisionPage,
        "feed-page": FeedPage,
        "feed-push": FeedPush,
        "hold-act": HoldAct,
        "local-registration": LocalRegistration,
        "outcome": Outcome,
        "outcome-batch": OutcomeBatch,
        "ping": Ping,
        "pong": Pong,
        "problem": Problem,
        "receipt": Receipt,
        "registration-batch": RegistrationBatch,
        "release-act": ReleaseAct,
        "resend-act": ResendAct,
        "resend-answer": ResendAnswer,
        "return-act": ReturnAct,
        "statement": Statement,
        "withdrawal": Withdrawal,
    }
)


def models() -> tuple[type[WireModel], ...]:
    """Return every model that a record is or contains, in the order of their names."""
    found: dict[str, type[WireModel]] = {}
    for record in RECORDS.values():
        _collect(record, found)
    return tuple(found[name] for name in sorted(found))


def _collect(model: type[WireModel], found: dict[str, type[WireModel]]) -> None:
    if model.__name__ in found:
        return
    found[model.__name__] = model
    for field in model.model_fields.values():
        for part in _parts(field.annotation):
            _collect(part, found)


def _parts(annotation: object) -> Iterator[type[WireModel]]:
    """Yield the models that stand in a member's type, however deep."""
    if isinstance(annotation, type) and issubclass(annotation, WireModel):
        yield annotation
    elif get_origin(annotation) in {Annotated, Union, UnionType, tuple}:
        for part in get_args(annotation):
            yield from _parts(part)
