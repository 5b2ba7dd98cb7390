"""What the linter reports."""

from dataclasses import dataclass

from contracts.publish.json_walk import Place


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong with the published files: which rule, in which file, where inside it."""

    rule: str
    file: str
    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.file}{self.place}: {self.rule}: {self.message}"
