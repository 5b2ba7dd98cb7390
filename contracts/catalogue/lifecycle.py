"""办件生命周期: the life of a case as published (lifecycle.json), kept as data and read strictly.

The gateway has the same table in its domain; a contract test compares the two.
"""

from functools import cache
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from schemas.records.base import WireModel

SHIPPED: Final = Path(__file__).parent.parent / "v1" / "lifecycle.json"

StateName = Annotated[str, Field(pattern=r"^[A-Z]{1,20}$")]
StepName = Annotated[str, Field(pattern=r"^[a-z]{1,20}$")]


class StateOfCase(WireModel):
    """One state, in both languages."""

    state: StateName
    name_zh: str
    name_en: str


class StepOfCase(WireModel):
    """One step, in both languages."""

    step: StepName
    name_zh: str
    name_en: str


class Move(WireModel):
    """One edge: what `step` makes of a case that is in state `from`."""

    origin: StateName = Field(alias="from")
    step: StepName
    to: StateName
    note_zh: str


class ReviewState(WireModel):
    """审核状态 as the person sees it, and when it applies."""

    code: str
    name_zh: str
    when_zh: str


class Lifecycle(WireModel):
    """The whole life; an edge that is not listed cannot happen."""

    begins: StateName
    ends: tuple[StateName, ...]
    states: tuple[StateOfCase, ...]
    steps: tuple[StepOfCase, ...]
    moves: tuple[Move, ...]
    review_states: tuple[ReviewState, ...]
    never_goes_back: tuple[str, ...]

    @model_validator(mode="after")
    def _moves_lead_somewhere(self) -> Self:
        states = {one.state for one in self.states}
        steps = {one.step for one in self.steps}
        edges = [(move.origin, move.step) for move in self.moves]
        named = {self.begins, *self.ends, *(move.to for move in self.moves)}
        if not ({*named, *(origin for origin, _ in edges)} <= states):
            raise ValueError("a move names an unknown state")
        if not {step for _, step in edges} <= steps or len(set(edges)) != len(edges):
            raise ValueError("a move names an unknown step, or stands twice")
        return self


@cache
def lifecycle() -> Lifecycle:
    """Return the published life of a case.

    Raises:
        pydantic.ValidationError: The file is damaged.
    """
    return Lifecycle.read(SHIPPED.read_bytes())
