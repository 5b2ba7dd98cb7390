"""The page: whole, the same each time, and nothing in it leads off the machine."""

import hmac
import re
from base64 import b64decode, b64encode
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser

import pytest

from contracts.catalogue.error_proofs import error_proofs
from contracts.catalogue.errors_csv import errors
from contracts.catalogue.fields import catalogue
from contracts.catalogue.lifecycle import lifecycle
from contracts.catalogue.operations import OPERATIONS
from contracts.catalogue.requirements import requirements
from contracts.docs.drawing import life_drawing
from contracts.docs.page import page

TEXT = page().decode()
UNBROKEN = TEXT.replace("<wbr>", "")


class Links(HTMLParser):
    """Collects what is named and what is referred to."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.targets: set[str] = set()
        self.fetched: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the names and addresses of one tag."""
        said = dict(attrs)
        if said.get("id"):
            self.ids.append(said["id"] or "")
        if tag == "a":
            self.targets.add(said.get("href") or "")
        self.fetched |= {said[name] or "" for name in ("src", "srcset", "data") if name in said}
        if tag in {"link", "iframe", "object", "base"}:
            self.fetched.add(tag)


@pytest.fixture
def links() -> Links:
    found = Links()
    found.feed(TEXT)
    return found


def test_every_link_leads_to_a_place_on_the_page(links: Links) -> None:
    assert {target for target in links.targets if not target.startswith("#")} == set()
    assert {target.removeprefix("#") for target in links.targets} - set(links.ids) == set()
    assert len(set(links.ids)) == len(links.ids)


def test_nothing_is_fetched(links: Links) -> None:
    assert links.fetched == set()
    assert "default-src 'none'" in TEXT
    assert re.findall(r"url\((?!#)|@import|fetch\(|XMLHttpRequest", TEXT) == []


def test_everything_of_the_contract_is_on_the_page() -> None:
    for operation in OPERATIONS:
        assert operation.path in UNBROKEN
        assert operation.title_zh in TEXT
    assert [row.name_zh for row in catalogue() if row.name_zh not in TEXT] == []
    assert [code for code in errors() if f'id="error-{code}"' not in TEXT] == []
    assert [number for number in requirements() if f'id="{number}"' not in TEXT] == []


def test_the_worked_example_can_be_followed_with_standard_functions_alone() -> None:
    shown = TEXT[TEXT.index('id="signing"') : TEXT.index('id="errors"')]
    texts = [unescape(text) for text in re.findall(r"<pre>(.*?)</pre>", shown, re.DOTALL)]
    secret, body_and_digest, base, headers, answer, answer_base, answer_headers = texts
    body, digest = body_and_digest.split("\nContent-Digest: ")
    said = followed(secret, body, base, headers)
    assert said["Content-Digest"] == digest
    followed(secret, answer, answer_base, answer_headers)
    assert f'"signature";req: {said["Signature"]}' in answer_base.splitlines()


def followed(secret: str, body: str, base: str, headers: str) -> dict[str, str]:
    """Return the headers shown, once they are what body, base and secret come to."""
    said = dict(line.split(": ", 1) for line in headers.splitlines())
    proof = hmac.digest(b64decode(secret), base.encode(), "sha256")
    assert (
        said["Content-Digest"] == f"sha-256=:{b64encode(sha256(body.encode()).digest()).decode()}:"
    )
    assert said["Signature"] == f"duijie=:{b64encode(proof).decode()}:"
    assert base.endswith(f'"@signature-params": {said["Signature-Input"].removeprefix("duijie=")}')
    return said


def test_the_proof_of_each_error_and_clause_is_named() -> None:
    named = [proof for one in error_proofs().values() for proof in one.proof]
    named += [proof for one in requirements().values() for proof in one.proof]
    assert [proof for proof in named if f'title="{proof}"' not in TEXT] == []


def test_the_drawing_shows_every_state_and_every_change() -> None:
    drawing = life_drawing()
    assert [one.state for one in lifecycle().states if one.state not in drawing] == []
    pairs = {(move.origin, move.to) for move in lifecycle().moves if move.origin != move.to}
    assert drawing.count('class="move"') == len(pairs)


def test_the_page_is_the_same_each_time() -> None:
    assert page().decode() == TEXT
