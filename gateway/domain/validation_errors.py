"""What is wrong with a record, as places and rules: never a value, nor a name that was made up."""

from dataclasses import dataclass

from pydantic import ValidationError

from schemas.records.json_pointer import pointer_to


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """One rule that a record breaks; `pointer` is the JSON Pointer of the member it is about.

    A member the contract does not know is told by its parent: its name may be a person's.
    """

    pointer: str
    rule: str
    message: str


def broken_rules(exc: ValidationError) -> list[BrokenRule]:
    """Return the rules that a record broke, in the order of its members."""
    found = exc.errors(include_url=False, include_context=False, include_input=False)
    return [BrokenRule(pointer_to(error), error["type"], error["msg"]) for error in found]
