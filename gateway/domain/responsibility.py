"""责任人名录: who answers for the cases of a place, by the agency directory of the day.

Source: 人社厅发〔2020〕3号 第八部分 (责任单位和负责人); 豫人社办〔2020〕35号 第三部分 (问责到人).
"""

from collections.abc import Iterable, Mapping

from gateway.domain.listed_agencies import Responsible
from schemas.reference.divisions import DivisionTree, UnknownDivision


class ResponsibilityRegister:
    """Whom to name beside a case: whoever answers for its place, or the nearest place above it."""

    def __init__(self, responsible: Iterable[Responsible], tree: DivisionTree) -> None:
        self._tree = tree
        self._by_division: Mapping[str, Responsible] = {one.division: one for one in responsible}

    def of(self, division: str) -> Responsible | None:
        """Return who answers for cases from a place; None where nobody is registered.

        Assumed: who answers for a division answers for all below it that names nobody.
        """
        try:
            above = self._tree.ancestors(division)
        except UnknownDivision:
            return None
        found = (self._by_division.get(one) for one in above)
        return next((one for one in found if one is not None), None)
