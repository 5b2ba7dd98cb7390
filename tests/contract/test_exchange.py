"""The written exchange is true: what stands in the file verifies, and keeps to the schemas."""

import re
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import pytest
from multidict import CIMultiDict

from contracts.verify.schema_validator import SchemaValidator
from schemas.signing import Key, Link, Suite, Target, verify_answer, verify_request
from tests.support.tree import ROOT

FILE: Final = ROOT / "examples" / "exchange.http"
MAKER: Final = ROOT / "examples" / "make_exchange.py"
RECORDS: Final = {
    "downloadApplications": (None, "feed-page"),
    "acknowledgeApplications": ("acknowledgement-batch", "batch-answer"),
    "fetchDispatches": (None, "dispatch-page"),
    "acknowledgeDispatches": ("dispatch-acknowledgement-batch", "batch-answer"),
    "submitOutcomes": ("outcome-batch", "batch-answer"),
    "uploadOutcomes": ("outcome-batch", "batch-answer"),
}
UNSIGNED: Final = ("fileApplications", "showApplication")
KEY: Final = re.compile(r"^#   (\S+)  (\S+)  (secret|public)  (\S+)$", re.MULTILINE)
STEP: Final = re.compile(r"^### [0-9]+\. ([A-Za-z]+) ", re.MULTILINE)
CREATED: Final = re.compile(r";created=([0-9]+);")


@dataclass(frozen=True)
class WrittenMessage:
    """A request or an answer as it stands in the file; `first` is its first line."""

    first: str
    headers: CIMultiDict[str]
    body: bytes

    @classmethod
    def read(cls, text: str) -> "WrittenMessage":
        """Read its lines."""
        head, _, body = text.strip("\n").partition("\n\n")
        first, *lines = head.split("\n")
        fields = (line.partition(": ") for line in lines)
        return cls(first, CIMultiDict((name, value) for name, _, value in fields), body.encode())

    @property
    def signed_at(self) -> datetime:
        """The instant its signature names, which is long ago."""
        found = CREATED.search(self.headers["Signature-Input"])
        assert found is not None
        return datetime.fromtimestamp(int(found[1]), UTC)


def written_keys(text: str) -> dict[str, Key]:
    """Return the keys as a reader of the file finds them."""
    found: dict[str, Key] = {}
    for name, suite, role, encoded in KEY.findall(text):
        make = Key.secret if role == "secret" else Key.public
        found[name] = make(name, Suite(suite), b64decode(encoded))
    return found


def written_steps(text: str) -> Iterator[tuple[str, WrittenMessage, WrittenMessage]]:
    """Yield each operation with its request and its answer."""
    _, *parts = STEP.split(text)
    for operation, part in zip(parts[::2], parts[1::2], strict=True):
        lines = part.split("\n")[1:]
        asked = [line for line in lines if not line.startswith("#")]
        answered = [line.removeprefix("#").removeprefix(" ") for line in lines if line[:1] == "#"]
        yield (
            operation,
            WrittenMessage.read("\n".join(asked)),
            WrittenMessage.read("\n".join(answered)),
        )


STEPS: Final = tuple(written_steps(FILE.read_text("utf-8")))
DOCKING: Final = tuple(step for step in STEPS if step[0] not in UNSIGNED)


def test_the_file_is_what_the_script_makes() -> None:
    made = subprocess.run([sys.executable, str(MAKER)], capture_output=True, check=True)
    assert FILE.read_bytes() == made.stdout


def test_the_exchange_goes_there_and_back() -> None:
    assert [operation for operation, _, _ in STEPS] == [UNSIGNED[0], *RECORDS, UNSIGNED[1]]
    assert "已审核" in STEPS[-1][2].body.decode()


@pytest.mark.parametrize(("operation", "asked", "answered"), DOCKING)
def test_the_signatures_in_the_file_verify(
    operation: str, asked: WrittenMessage, answered: WrittenMessage
) -> None:
    keys = written_keys(FILE.read_text("utf-8"))
    sender = next(key for name, key in keys.items() if f'keyid="{name}"' in str(asked.headers))
    answerer = next(key for name, key in keys.items() if f'keyid="{name}"' in str(answered.headers))
    method, url, _ = asked.first.split(" ")
    proven = verify_request(
        {sender.key_id: Link(ours=answerer, theirs=sender)},
        Target.from_url(method, url),
        asked.headers,
        asked.body,
        now=asked.signed_at,
    )
    verify_answer(
        answerer,
        status=int(answered.first.split(" ")[1]),
        headers=answered.headers,
        body=answered.body,
        request_signature=proven.signature,
        now=answered.signed_at,
    )
    assert proven.key_id == sender.key_id


@pytest.mark.parametrize(("operation", "asked", "answered"), DOCKING)
def test_the_bodies_in_the_file_keep_to_the_schemas(
    operation: str, asked: WrittenMessage, answered: WrittenMessage
) -> None:
    validator = SchemaValidator.load()
    sent, said = RECORDS[operation]
    assert sent is None or validator.check(sent, asked.body) == ()
    assert validator.check(said, answered.body) == ()
