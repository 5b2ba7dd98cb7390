"""What is wrong with a record, as places and rules: never a value, nor a name that was made up."""

from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

_UNKNOWN_MEMBER: Final = "extra_forbidden"


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
    return [
        RuleViolation(_pointer(error["loc"], error["type"]), error["type"], error["msg"])
        for error in found
    ]


def _pointer(steps: tuple[int | str, ...], rule: str) -> str:
    named = steps[:-1] if rule == _UNKNOWN_MEMBER else steps
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in named)
