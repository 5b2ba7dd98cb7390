"""省份配置报告: a profile as tables and as a record, with what differs from the national rules."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from duijie.form_names import member_name
from gateway.domain.form_layout import gathered
from gateway.domain.ground_rules import GroundWay
from gateway.domain.province import Province
from gateway.domain.province_differences import (
    DifferenceKind,
    ProvinceDifference,
    province_differences,
)
from gateway.words import GROUND_TRIGGERS, NOTICE_DUTIES
from schemas.reference.codes import CodeTables

_KINDS: Final = {
    DifferenceKind.ALLOWANCE: "办结时限",
    DifferenceKind.GROUND: "注销情形",
    DifferenceKind.MODES: "注销方式",
    DifferenceKind.VERIFICATION: "核实方式",
    DifferenceKind.NOTICE: "告知",
    DifferenceKind.FORM_LACKS: "登记表没有的数据项",
    DifferenceKind.FORM_ADDS: "登记表另有的栏目",
    DifferenceKind.ANYWHERE: "全省通办",
}
_NONE: Final = "无"
_TABLES: Final = {
    DifferenceKind.GROUND: "acc025",
    DifferenceKind.MODES: "deregistration-mode",
    DifferenceKind.VERIFICATION: "verification-mode",
}
Cells = Sequence[str | None]


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A titled table of the report; `about` is the line above it."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[Cells, ...]
    about: str | None = None


def province_sections(province: Province, national: Province) -> Iterator[ReportSection]:
    """Yield the tables of a profile, in the order of its keys."""
    tables = CodeTables.load()
    yield _queues(province)
    yield ReportSection(
        "办结时限",
        ("适用文件", "时限", "出处"),
        tuple(
            (tables.name("policy", one.policy), _days(str(one.working_days)), one.source)
            for one in province.allowances.values()
        ),
    )
    yield _grounds(province, tables)
    yield _form(province)
    yield ReportSection(
        "材料",
        ("可否要求", "材料", "出处"),
        (
            *(("可以要求", one.name, one.source) for one in province.materials),
            *(("不得要求", one.name, one.source) for one in province.never_demanded),
        ),
    )
    yield ReportSection(
        "受理渠道",
        ("种类", "名称", "网址", "链接统一标注", "出处"),
        tuple(
            (tables.name("channel", one.code), one.name, one.url, one.label, one.source)
            for one in province.channels
        ),
    )
    yield ReportSection(
        "与全国规定的差别",
        ("事项", "对象", "全国规定", "本省", "出处"),
        tuple(_difference(one, tables) for one in province_differences(province, national)),
    )


def province_record(province: Province, national: Province) -> dict[str, object]:
    """Return a profile as a record of JSON, codes as they are."""
    rules = province.ground_rules
    return {
        "division": province.division,
        "name": province.name,
        "default_policy": province.default_policy,
        "queues": {
            "forwarded": asdict(province.forwarded_queue),
            "local": None if province.local_queue is None else asdict(province.local_queue),
        },
        "allowances": [asdict(one) for one in province.allowances.values()],
        "ground_rules": {
            "name": rules.name,
            "source": rules.source,
            "off": dict(rules.off),
            "grounds": [
                {"acc025": one.code, "source": one.source, "ways": list(map(_way, one.ways))}
                for one in rules.grounds.values()
            ],
        },
        "form": {
            "title": province.form.title,
            "source": province.form.source,
            "members": [one.member for one in province.form.parts],
            "lacking": list(province.form.lacking),
            "not_carried": [one.label for one in province.form.not_carried],
        },
        "materials": [asdict(one) for one in province.materials],
        "never_demanded": [asdict(one) for one in province.never_demanded],
        "channels": [asdict(one) for one in province.channels],
        "accepts_anywhere": province.anywhere,
        "differences": [asdict(one) for one in province_differences(province, national)],
    }


def _queues(province: Province) -> ReportSection:
    named = (("部端转办", province.forwarded_queue), ("本省受理", province.local_queue))
    return ReportSection(
        "待办栏目",
        ("来源", "名称", "模块", "出处"),
        tuple((of, one.name, one.module, one.source) for of, one in named if one is not None),
    )


def _grounds(province: Province, tables: CodeTables) -> ReportSection:
    rules = province.ground_rules
    rows: list[Cells] = [
        (
            ground.code,
            tables.name("acc025", ground.code),
            GROUND_TRIGGERS[way.trigger],
            _named("deregistration-mode", sorted(way.modes), tables),
            _named("verification-mode", sorted(way.verified_by), tables) or "不限",
            NOTICE_DUTIES[way.notice],
            ground.source,
        )
        for ground in rules.grounds.values()
        for way in ground.ways
    ]
    rows += [
        (code, tables.name("acc025", code), "不使用", None, None, None, source)
        for code, source in rules.off.items()
    ]
    headings = ("acc025", "情形", "起因", "注销方式", "核实方式", "告知", "出处")
    return ReportSection("注销情形", headings, tuple(rows), f"{rules.name}：{rules.source}")


def _form(province: Province) -> ReportSection:
    form = province.form
    rows: list[Cells] = [
        (
            box.section,
            f"{box.label}{'*' if box.starred else ''}",
            "、".join(member_name(part.member) for part in box.parts) or None,
            box.not_carried,
        )
        for box in form.boxes
    ]
    lacking = "、".join(map(member_name, gathered(form.lacking)))
    about = f"{form.title}（{form.source}）；申请中有、表上没有的数据项：{lacking or _NONE}"
    return ReportSection("登记表", ("分组", "栏目", "数据项", "说明"), tuple(rows), about)


def _way(way: GroundWay) -> dict[str, object]:
    return {
        "trigger": way.trigger.value,
        "modes": sorted(way.modes),
        "verified_by": sorted(way.verified_by),
        "notice": way.notice.value,
    }


def _difference(one: ProvinceDifference, tables: CodeTables) -> Cells:
    return (
        _KINDS[one.kind],
        _subject(one, tables),
        _values(one, one.national, tables),
        _values(one, one.own, tables),
        one.source,
    )


def _subject(one: ProvinceDifference, tables: CodeTables) -> str | None:
    match one.kind:
        case DifferenceKind.ALLOWANCE:
            return tables.name("policy", one.subject)
        case DifferenceKind.FORM_LACKS:
            return member_name(one.subject)
        case DifferenceKind.FORM_ADDS:
            return one.subject
        case DifferenceKind.ANYWHERE:
            return None
        case _:
            return f"{one.subject} {tables.name('acc025', one.subject)}"


def _values(one: ProvinceDifference, values: tuple[str, ...], tables: CodeTables) -> str:
    if not values:
        return _NONE
    match one.kind:
        case DifferenceKind.ALLOWANCE:
            return _days(values[0])
        case DifferenceKind.NOTICE:
            return "、".join(NOTICE_DUTIES[value] for value in values)
        case DifferenceKind.FORM_LACKS | DifferenceKind.FORM_ADDS | DifferenceKind.ANYWHERE:
            return "有"
        case _:
            return _named(_TABLES[one.kind], values, tables)


def _named(table: str, codes: Sequence[str], tables: CodeTables) -> str:
    return "、".join("不限" if code == "*" else tables.name(table, code) or code for code in codes)


def _days(working_days: str) -> str:
    return "下载当日" if working_days == "0" else f"{working_days} 个工作日"
