"""One answer to one mistake: every server says of an invalid example what `expected.json` says."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from tests.contract.sides import AGENCY, NATIONAL, PROVINCE, ROOTS, all_sides
from tests.support.signing_client import Answered
from tests.support.tree import ROOT

EXAMPLES: Final = ROOT / "contracts" / "v1" / "examples"
EXPECTED: Final[dict[str, dict[str, str]]] = orjson.loads((EXAMPLES / "expected.json").read_bytes())
TAKEN: Final = (
    (NATIONAL, "/applications/acknowledgements", "acknowledgement-batch", ""),
    (NATIONAL, "/outcomes", "outcome-batch", ""),
    (NATIONAL, "/outcomes", "outcome", "outcomes"),
    (NATIONAL, "/ping", "ping", ""),
    (PROVINCE, "/dispatches/acknowledgements", "dispatch-acknowledgement-batch", ""),
    (PROVINCE, "/outcomes", "outcome-batch", ""),
    (PROVINCE, "/outcomes", "outcome", "outcomes"),
    (PROVINCE, "/ping", "ping", ""),
    (AGENCY, "/dispatches", "dispatch-batch", ""),
    (AGENCY, "/dispatches", "dispatch", "dispatches"),
    (AGENCY, "/ping", "ping", ""),
)
"""Side, path, record that is taken there, and the member of the batch it goes into."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """An invalid example on its way to one server, and the errors that it must be answered."""

    side: str
    path: str
    name: str
    body: bytes
    pointer: str
    code: str


def mistakes() -> Iterator[Mistake]:
    for side, path, record, member in TAKEN:
        for name, said in EXPECTED.items():
            if name.startswith(f"{record}/"):
                content = (EXAMPLES / name).read_bytes()
                body = b'{"%b":[%b]}' % (member.encode(), content) if member else content
                yield Mistake(side, path, name, body, said["pointer"], said["code"])


def of_the_item(answered: Answered) -> dict[str, Any]:
    """Return the problem of a whole answer, or of the one item of a batch."""
    said: dict[str, Any] = orjson.loads(answered.body)
    return said if "code" in said else said["results"][0].get("problem", said["results"][0])


async def test_every_invalid_example_is_answered_its_code_and_pointer(tmp_path: Path) -> None:
    wrong = {}
    async with all_sides(tmp_path) as clients:
        for one in mistakes():
            answered = await clients[one.side].call(
                "POST", f"{ROOTS[one.side]}{one.path}", one.body
            )
            problem = of_the_item(answered)
            errors = [(error["pointer"], error["code"]) for error in problem.get("errors", [])]
            if (problem.get("code"), errors) != ("message.invalid", [(one.pointer, one.code)]):
                wrong[f"{one.side} {one.name}"] = (problem.get("code"), problem.get("errors"))

    assert wrong == {}
