"""The fields of the national form (失业登记申请表) as a web form shows them.

Source: 黑人社函〔2020〕87号 annex 1 and its notes; required marks as the published record has them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from schemas.records.applications import PersonForm
from schemas.reference.codes import CodeTables
from simulator.national.applicants import CODE_SET
from simulator.national.filing_request import POLICY

Widget = Literal["text", "select", "radio", "date", "division", "area", "tel", "email"]
ROWS: Final = (1, 2, 3)
"""Lines of the form for intentions and for qualifications."""
_REASONS: Final = (
    *("10", "21", "22", "23", "24", "31", "32"),
    *("40", "50", "60", "70", "80", "90"),
)
"""The boxes of the form: the kinds below 20, and not 20 itself."""
_EDUCATION: Final = ("11", "14", "21", "31", "41", "44", "47", "61", "71", "81", "90")
_SEXES: Final = ("1", "2")


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of the form.

    `name` is the member's English name. `table` is the code table to choose from, in its generation
    `generation`; `only` are the codes offered, if not all of them.
    """

    name: str
    label: str
    widget: Widget = "text"
    table: str | None = None
    only: tuple[str, ...] = ()
    generation: str | None = None
    max_length: int = 50
    hint: str = ""
    columns: int = 1  # of the form's three

    @property
    def required(self) -> bool:
        """Whether it has the mark *."""
        known = PersonForm.model_fields.get(self.name)
        return self.name in _ALWAYS if known is None else known.is_required()

    def options(self, tables: CodeTables) -> Iterator[tuple[str, str]]:
        """Yield the codes to choose from, with their names."""
        if self.table is None:
            return
        for code in self.only or tables.codes(self.table, self.generation):
            yield code, tables.name(self.table, code, self.generation) or code


_ALWAYS: Final = frozenset({"place_basis"})
SECTIONS: Final = (
    (
        "基本信息",
        (
            FormField("name", "姓名"),
            FormField("sex", "性别", "radio", "aac004", _SEXES),
            FormField("certificate_type", "证件类型", "select", "aac058-service"),
            FormField("certificate_no", "证件号码", max_length=30, hint="模拟号码的顺序码为 000"),
            FormField("ethnic_group", "民族", "select", "aac005"),
            FormField("political_status", "政治面貌", "select", "aac024"),
            FormField("education", "学历", "select", "aac011", _EDUCATION),
            FormField("health", "健康状况", "select", "aac033"),
            FormField(
                "disability_grade",
                "伤残等级",
                "select",
                "disability-grade",
                hint="健康状况为残疾时必填",
            ),
        ),
    ),
    (
        "联系方式",
        (
            FormField("mobile", "手机号码", "tel", max_length=11),
            FormField("telephone", "固定电话", "tel", max_length=20),
            FormField("email", "电子邮件", "email"),
            FormField("other_contact", "其他联系方式", max_length=100),
        ),
    ),
    (
        "户籍、常住地与登记失业地",
        (
            FormField("household_division", "户籍地行政区划", "division", max_length=12),
            FormField("household_address", "户籍详细地址", max_length=200, columns=2),
            FormField("residence_division", "常住地行政区划", "division", max_length=12),
            FormField("residence_address", "常住地详细地址", max_length=200, columns=2),
            FormField("place_basis", "登记失业地", "radio", "acc412", generation=POLICY, columns=2),
            FormField(
                "place_division",
                "就业地或参保地行政区划",
                "division",
                max_length=12,
                hint="选就业地或参保地时必填",
            ),
        ),
    ),
    (
        "失业情况",
        (
            FormField("unemployed_since", "失业时间", "date", max_length=10),
            FormField("reason", "失业原因", "select", "ajc093", _REASONS, CODE_SET),
            FormField("reason_note", "其他原因说明", max_length=200, hint="失业原因为其他时必填"),
            FormField("claims_insurance", "是否申领失业保险金", "radio", "yes-no"),
        ),
    ),
    (
        "求职意向与技能",
        (
            *(FormField(f"intention_{row}", f"求职意向 {row}") for row in ROWS),
            *(FormField(f"qualification_{row}", f"职业资格 {row}") for row in ROWS),
            *(FormField(f"level_{row}", f"等级 {row}", "select", "aac015") for row in ROWS),
            FormField("remarks", "其他需说明的事项", "area", max_length=500, columns=3),
        ),
    ),
)
"""The form from top to bottom."""

FIELDS: Final = MappingProxyType({one.name: one for _, fields in SECTIONS for one in fields})
"""The fields by name."""
