"""责任单位和责任人: who answers for the cases of an agency or a division.

Source: 人社厅发〔2020〕3号 第八部分 (责任单位和负责人); 豫人社办〔2020〕35号 第三部分 (问责到人).
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Responsible:
    """责任单位, 责任人 and, where it is known, how to reach them: staff, not applicants."""

    unit: str
    person: str
    telephone: str | None = None


class ResponsibilityRegister(Protocol):
    """责任人名录: whom to name beside a case."""

    def of(self, agency: str | None, division: str) -> Responsible | None:
        """Return who answers for cases of `agency` from the place `division`.

        None where nobody is registered; `agency` is None for a case that has no agency yet.
        """
        ...


class NobodyRegistered:
    """A register with nobody in it: what counts until an agency list names persons."""

    def of(self, agency: str | None, division: str) -> Responsible | None:
        """Return None."""
        return None
