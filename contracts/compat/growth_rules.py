"""Why a change breaks nobody (容许): the rules by which a closed contract may grow all the same.

Each is checked in the documents of the two versions; without its mark, or with one that the
documents belie, the change breaks whom it breaks.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from contracts.catalogue.additions import Sent
from contracts.compat.carriers import Carrier, carriers
from contracts.compat.changes import ChangeRule, ContractChange, GrowthRule, Impact
from contracts.publish.json_walk import JsonObject, at, is_object
from schemas.records.json_pointer import steps_of

_GROWS = frozenset(
    {
        *(ChangeRule.MEMBER_ADDED, ChangeRule.REQUIRED_DROPPED, ChangeRule.VALUE_ADDED),
        *(ChangeRule.TYPE, ChangeRule.PATTERN, ChangeRule.BOUND, ChangeRule.ALTERNATIVE_ADDED),
    }
)
_RECORDS = "jsonschema/"


@dataclass(frozen=True, slots=True)
class Contracts:
    """The files of both versions, and what carries each record in either."""

    old: Mapping[str, bytes]
    new: Mapping[str, bytes]
    old_carriers: Mapping[str, tuple[Carrier, ...]]
    new_carriers: Mapping[str, tuple[Carrier, ...]]

    @staticmethod
    def of(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> "Contracts":
        """Read who carries what in both."""
        return Contracts(old, new, carriers(old), carriers(new))


def allowed(change: ContractChange, contracts: Contracts) -> ContractChange:
    """Return the change, with no impact and the reason where a rule says that it breaks nobody."""
    if not change.breaking:
        return change
    for why, holds in _ALLOWANCES:
        if holds(change, contracts):
            by = str(_mark(change, contracts).get("by", ""))
            params = {**change.params, "by": by} if by else change.params
            return replace(change, impact=Impact.NONE, allowance=why, params=params)
    return change


def _is_not_built(change: ContractChange, contracts: Contracts) -> bool:
    """Nobody served it in the old version, so nobody could send it."""
    carried = contracts.old_carriers.get(record_name(change.file, contracts), ())
    return bool(carried) and not any(one.built for one in carried)


def _is_asked_for(change: ContractChange, contracts: Contracts) -> bool:
    """It comes in answers only, of operations that take the parameter it is asked for by."""
    mark = _mark(change, contracts)
    if mark.get("sent") != Sent.ASKED or change.impact is not Impact.WIDENS:
        return False
    carried = contracts.new_carriers.get(record_name(change.file, contracts), ())
    return bool(carried) and all(
        not one.in_request and mark.get("by") in one.parameters for one in carried
    )


def _is_echoed(change: ContractChange, contracts: Contracts) -> bool:
    """It goes to nobody who has not sent it, or what it answers, before."""
    mark = _mark(change, contracts)
    grows = change.rule in _GROWS and change.impact is Impact.WIDENS
    return grows and mark.get("sent") == Sent.ECHOED and bool(mark.get("by"))


def _is_passed_over(change: ContractChange, _: Contracts) -> bool:
    """A parameter that nobody has to give, and that older servers pass over."""
    return change.rule is ChangeRule.PARAMETER_ADDED and change.impact is Impact.WIDENS


def _is_open_code(change: ContractChange, contracts: Contracts) -> bool:
    """Codes are open text, told apart by table, and problems by their status."""
    if change.rule is ChangeRule.CODE_ADDED:
        return True
    if change.rule is not ChangeRule.ERROR_ADDED:
        return False
    code = change.place.removeprefix("/")
    status = _statuses(contracts.new).get(code)
    known = status in {*_statuses(contracts.old).values()}
    return known and _takes_code(contracts.old, code)


_ALLOWANCES: Sequence[tuple[GrowthRule, Callable[[ContractChange, Contracts], bool]]] = (
    (GrowthRule.NOT_BUILT, _is_not_built),
    (GrowthRule.ASKED, _is_asked_for),
    (GrowthRule.ECHOED, _is_echoed),
    (GrowthRule.PASSED_OVER, _is_passed_over),
    (GrowthRule.OPEN, _is_open_code),
)


def _statuses(files: Mapping[str, bytes]) -> Mapping[str, str]:
    rows = csv.DictReader(io.StringIO(files.get("errors.csv", b"").decode("utf-8-sig")))
    return {row["code"]: row["status"] for row in rows}


def _takes_code(files: Mapping[str, bytes], code: str) -> bool:
    """Say whether the problem body of a version takes a code, known to it or not."""
    problem = _schema(files, f"{_RECORDS}problem.json")
    shape = at(problem, "#/properties/code")
    pattern = shape.get("pattern") if is_object(shape) else None
    return not isinstance(pattern, str) or re.search(pattern, code) is not None


def record_name(file: str, contracts: Contracts) -> str:
    """Return the name of a record's component: the title of its schema, English since 1.1."""
    if not file.startswith(_RECORDS):
        return ""
    titles = (str(_schema(files, file).get("title")) for files in (contracts.new, contracts.old))
    return next((title for title in titles if title.isascii()), "")


def _mark(change: ContractChange, contracts: Contracts) -> JsonObject:
    """Return what the new version publishes of the place of a change; nothing where nothing."""
    root = _schema(contracts.new, change.file) if change.file.startswith(_RECORDS) else {}
    if change.rule is ChangeRule.ALTERNATIVE_ADDED:
        node = at(root, f"#/$defs/{change.params.get('name', '')}")
        return _facts(node)
    return _facts(_node(root, [str(step) for step in steps_of(change.place)]))


def _node(root: JsonObject, steps: Sequence[str]) -> object:
    node: object = root
    for step in steps:
        node = next(
            (found for one in _ways(root, node) if (found := _step(one, step)) is not None),
            None,
        )
    return node


def _ways(root: JsonObject, node: object) -> list[JsonObject]:
    """Return what a schema may be: itself, what it refers to, one of several."""
    if not is_object(node):
        return []
    ref = node.get("$ref")
    found = [node] if not isinstance(ref, str) else _ways(root, at(root, ref))
    for name in ("anyOf", "oneOf"):
        choices = node.get(name)
        for one in choices if isinstance(choices, list) else ():
            found += _ways(root, one)
    return found


def _step(node: JsonObject, step: str) -> object:
    if step == "0" and "items" in node:
        return node["items"]
    properties = node.get("properties")
    return properties.get(step) if is_object(properties) else None


def _facts(node: object) -> JsonObject:
    said = node.get("x-duijie") if is_object(node) else None
    return said if is_object(said) else {}


def _schema(files: Mapping[str, bytes], name: str) -> JsonObject:
    read: object = json.loads(files.get(name, b"{}"))
    return read if is_object(read) else {}
