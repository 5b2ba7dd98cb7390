"""解释 (explain): what a clause, an error code, a field or a state means, in lines for a person."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from contracts.catalogue.error_proofs import NOT_YET_BUILT, error_proofs
from contracts.catalogue.errors_csv import ErrorRow, errors
from contracts.catalogue.fields import Member, catalogue
from contracts.catalogue.lifecycle import lifecycle
from contracts.catalogue.requirements import Kind, Requirement, Scope, requirements

_KINDS: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.VALIDATE: "校验",
        Kind.PROCESS: "流程",
        Kind.TIMER: "时限",
        Kind.RECORD: "留痕",
        Kind.INTERFACE: "接口",
        Kind.CONFIGURE: "配置",
        Kind.USER_VIEW: "界面",
        Kind.NONE: "无",
    }
)
_SCOPES: Final[Mapping[Scope, str]] = MappingProxyType(
    {Scope.YES: "在范围内", Scope.PARTLY: "部分在范围内", Scope.NO: "不在范围内"}
)
_UNBUILT: Final = f"{NOT_YET_BUILT}：尚无接口返回此代码"
_PREFIXES: Final = ("urn:duijie:problem:", "duijie.")


_REQUIRED: Final = {"yes": "是", "no": "否"}
"""Any other value is the condition, in the members' own names."""
_CERTAINTIES: Final = {"cited": "原文如此", "inferred": "由原文推定", "assumed": "本项目假定"}


@dataclass(frozen=True, slots=True)
class Explained:
    """A heading, and lines of a word and what it says."""

    heading: str
    lines: tuple[tuple[str, str], ...]


def explain(term: str) -> tuple[Explained, ...]:
    """Return what is known under `term`; nothing when it means nothing here.

    A term is a clause (`NAT-32`), an error code, whole or its last part (`outcome.conflict`,
    `duijie.conflict`), a member by any of its names (`aac147`, `certificate_no`, `证件号码`), or a
    state or step of a case (`HELD`).
    """
    return tuple(
        explained for source in (_clauses, _codes, _members, _life) for explained in source(term)
    )


def known_terms() -> tuple[str, ...]:
    """Return the terms a person may have meant: clauses, codes, members, states."""
    members = {row.member for row in catalogue()}
    states = [one.state for one in lifecycle().states]
    return (*requirements(), *errors(), *sorted(members), *states)


def _clauses(term: str) -> Iterator[Explained]:
    clause = requirements().get(term.upper())
    if clause is not None:
        yield Explained(f"{clause.id} {clause.source}", tuple(_of_clause(clause)))


def _of_clause(clause: Requirement) -> Iterator[tuple[str, str]]:
    yield "条款", f"{clause.source} {clause.article}".strip()
    yield "要求", clause.text_zh
    yield "English", clause.text_en
    yield "类别", "、".join(_KINDS[kind] for kind in clause.kinds)
    yield "范围", _SCOPES[clause.in_scope]
    if clause.why_not:
        yield "说明", clause.why_not
    for path in clause.code:
        yield "代码", path
    for proof in clause.proof:
        yield "证明", proof


def _codes(term: str) -> Iterator[Explained]:
    wanted = term
    for prefix in _PREFIXES:
        wanted = wanted.removeprefix(prefix)
    exact = errors().get(wanted)
    rows = [exact] if exact else [row for row in errors().values() if _ends_with(row, wanted)]
    for row in rows:
        yield Explained(f"{row.code} {row.title}", tuple(_of_code(row)))


def _of_code(row: ErrorRow) -> Iterator[tuple[str, str]]:
    behind = error_proofs()[row.code]
    yield "错误代码", row.code
    for clause in behind.clauses:
        known = requirements().get(clause)
        cited = f"{clause} {known.source} {known.article}：{known.text_zh}" if known else clause
        yield "条款", cited
    yield "规则", behind.rule
    yield "原因", row.cause
    yield "处理办法", row.cure
    yield "HTTP 状态", _status(row)
    for proof in behind.proof or (_UNBUILT,):
        yield "证明", proof


def _status(row: ErrorRow) -> str:
    if row.status:
        return str(row.status)
    return "仅出现在逐项错误中" if row.code.startswith("field.") else "仅在本机提示，不作为响应"


def _ends_with(row: ErrorRow, wanted: str) -> bool:
    return row.code.partition(".")[2] == wanted


def _members(term: str) -> Iterator[Explained]:
    wanted = term.lower()
    for row in catalogue():
        if wanted in {row.member, row.name, row.name_zh, *row.aliases.split()}:
            yield Explained(f"{row.record}.{row.member} {row.name_zh}", tuple(_of_member(row)))


def _of_member(row: Member) -> Iterator[tuple[str, str]]:
    facts = (
        ("中文名", row.name_zh),
        ("指标编码", row.indicator),
        ("英文名", row.name),
        ("English", row.meaning),
        ("别名", row.aliases),
        ("类型", f"{row.type} {row.length}".strip()),
        ("格式", row.pattern),
        ("必填", _REQUIRED.get(row.required, row.required)),
        ("代码表", row.code_table),
        ("来源", f"{row.source}（{_CERTAINTIES[row.certainty]}）"),
    )
    yield from ((word, fact) for word, fact in facts if fact)


def _life(term: str) -> Iterator[Explained]:
    for state in lifecycle().states:
        if term.upper() == state.state or term == state.name_zh:
            moves = (
                (move.step, f"→ {move.to} {move.note_zh}".strip())
                for move in lifecycle().moves
                if move.origin == state.state
            )
            lines = (("状态", state.name_zh), ("English", state.name_en), *moves)
            yield Explained(f"{state.state} {state.name_zh}", lines)
