"""What is wrong with a record, as places and rules: never a value, nor a name that was made up."""

from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from schemas.records.json_pointer import pointer_to
from schemas.records.problems import LONGEST_POINTER, FieldError

_MAX_ERRORS: Final = 20
_MAX_MESSAGE: Final = 300


@dataclass(frozen=True, slots=True)
class RuleViolation:
    """One rule that a record breaks; `pointer` is the JSON Pointer of the member it is about.

    A member that the contract does not know is named by its parent: its name may be a person's.
    """

    pointer: str
    rule: str
    message: str

    @property
    def code(self) -> str:
        """The published code of the rule (errors.csv)."""
        return f"field.{self.rule.replace('_', '-')}"


def rule_violations(exc: ValidationError) -> list[RuleViolation]:
    """Return the rules that a record broke, in the order of its members."""
    found = exc.errors(include_url=False, include_context=False, include_input=False)
    return [RuleViolation(pointer_to(error), error["type"], error["msg"]) for error in found]


def field_errors(exc: ValidationError) -> tuple[FieldError, ...]:
    """Return the first rules that a record broke as the errors of a problem body."""
    return tuple(
        FieldError(
            pointer=one.pointer[:LONGEST_POINTER],
            code=one.code,
            message=one.message[:_MAX_MESSAGE],
        )
        for one in rule_violations(exc)[:_MAX_ERRORS]
    )
