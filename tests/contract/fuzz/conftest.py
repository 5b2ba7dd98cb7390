"""What is fuzzed: servers in a process of their own, and how to call them."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import pytest
import requests

from schemas.signing import Key, read_key_file
from tests.contract.docking_set import PUSHED
from tests.contract.fuzz.documents import make_dates_as_published
from tests.contract.fuzz.signed import SignedBy
from tests.support.tree import ROOT

Wire = dict[str, str]
ENDS_WITHIN_S = 30


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """One side to call: where, with which keys, and the wire keys of a case that it knows."""

    base: str
    ours: Key
    theirs: Key
    session: requests.Session
    known: Wire = field(default_factory=dict)


@pytest.fixture(scope="session", autouse=True)
def dates_as_published() -> None:
    """Let what is generated have dates that the documents allow."""
    make_dates_as_published()


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Fuzzed]]:
    """Run the servers of every document; give how to call them by the document's name."""
    words = (sys.executable, "-m", "tests.contract.fuzz.serving")
    folder = tmp_path_factory.mktemp("fuzzed")
    with (
        (folder / "log").open("wb") as log,
        requests.Session() as session,
        subprocess.Popen(
            [*words, str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        ) as process,
    ):
        session.trust_env = False
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, f"it did not start: {(folder / 'log').read_text()[-2000:]}"
            yield _called(orjson.loads(line), session)
        finally:
            process.communicate(timeout=ENDS_WITHIN_S)


def _called(described: Mapping[str, Wire], session: requests.Session) -> Mapping[str, Fuzzed]:
    found = {name: _towards(one, session) for name, one in described.items()}
    found["national"].known["application_no"] = described["national"]["known"]
    found["agency"].known["agency_code"] = PUSHED
    found["province"].known.update(_dispatched(found["province"]))
    return found


def _towards(one: Wire, session: requests.Session) -> Fuzzed:
    ours, theirs = (read_key_file(Path(one[side])) for side in ("ours", "theirs"))
    return Fuzzed(one["base"], ours, theirs, session)


def _dispatched(agency: Fuzzed) -> Wire:
    """Wait until two dispatches are there; return the keys of the first."""
    dispatches: list[dict[str, object]] = []
    while len(dispatches) < 2:
        answer = agency.session.get(
            f"{agency.base}/agency/v1/dispatches?wait=20", auth=SignedBy(agency.ours), timeout=30
        )
        dispatches = orjson.loads(answer.content)["dispatches"]
    first = dispatches[0]
    application = first["application"]
    assert isinstance(application, dict)
    return {
        "application_no": str(application["application_no"]),
        "dispatch_no": str(first["dispatch_no"]),
        "aae017": str(first["agency_code"]),
    }
