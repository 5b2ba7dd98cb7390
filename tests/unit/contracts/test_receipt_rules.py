"""回执所指: every kind is defined, for every operation, the same on the page and in OpenAPI."""

import re
from typing import Final, get_args

import pytest

from contracts.catalogue.operations import OPERATIONS
from contracts.catalogue.receipt_rules import RECEIPT_RULES, receipts_of
from contracts.publish.export import PUBLISHED, generated
from schemas.records.receipts import Receipt

ROW: Final = re.compile(r"^\| `([a-z-]+)` \| (.+) \|$", re.MULTILINE)


def test_every_kind_of_receipt_is_defined_and_every_batch_is_answered_with_one() -> None:
    kinds = get_args(Receipt.model_fields["kind"].annotation)
    assert {rule.kind for rule in RECEIPT_RULES} == set(kinds)
    batches = {one for one in OPERATIONS if one.answer == "batch-answer"}
    assert {one for one in OPERATIONS if receipts_of(one)} == batches


PAGES: Final = [("canonical-form.md", "、"), ("canonical-form.en.md", ", ")]


@pytest.mark.parametrize(("page", "between"), PAGES)
def test_the_page_says_what_each_receipt_is_for(page: str, between: str) -> None:
    rows = dict(ROW.findall((PUBLISHED / page).read_text("utf-8")))
    english = page.endswith(".en.md")
    assert rows == {
        rule.kind: " | ".join(
            (
                between.join(f"`{name.partition('.')[2]}`" for name in rule.operations),
                *(
                    (rule.key_en, rule.revision_en, rule.content_en)
                    if english
                    else (rule.key_zh, rule.revision_zh, rule.content_zh)
                ),
            )
        )
        for rule in RECEIPT_RULES
    }


def test_the_interfaces_say_it_too() -> None:
    documents = b"".join(generated()[f"openapi/{side}.json"] for side in ("national", "province"))
    text = documents.decode()
    assert "回执 dispatch：键为分派单号，版次为1，摘要所指为整张分派单" in text
    assert "Receipt dispatch: key the dispatch number, revision 1" in text
