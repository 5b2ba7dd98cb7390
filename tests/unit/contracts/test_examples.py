"""The published examples: the valid ones are taken, the invalid ones refused as they say."""

import jsonschema_rs
import pytest
from pydantic import ValidationError

from contracts.catalogue.errors_csv import errors
from contracts.catalogue.records import RECORDS
from contracts.publish.examples import Example, example_files, examples
from contracts.publish.record_schemas import schema_of, written

ALL = examples()


def each(*, valid: bool) -> pytest.MarkDecorator:
    chosen = [one for one in ALL if one.valid is valid]
    return pytest.mark.parametrize("one", chosen, ids=lambda one: f"{one.record}-{one.name}")


def takes(one: Example) -> bool:
    return jsonschema_rs.Draft202012Validator(
        schema_of(one.record), validate_formats=True
    ).is_valid(one.body)


@each(valid=True)
def test_a_valid_example_is_taken_by_model_and_schema(one: Example) -> None:
    assert isinstance(RECORDS[one.record].read(written(one.body)), RECORDS[one.record])
    assert takes(one)


@each(valid=False)
def test_an_invalid_example_is_refused_where_and_as_it_says(one: Example) -> None:
    with pytest.raises(ValidationError) as caught:
        RECORDS[one.record].read(written(one.body))
    found = [
        ("".join(f"/{step}" for step in error["loc"]), f"field.{error['type']}".replace("_", "-"))
        for error in caught.value.errors()
    ]
    assert found == [(one.pointer, one.code)]
    assert one.code in errors()
    assert not takes(one)


def test_every_record_has_a_valid_and_two_invalid_examples() -> None:
    for record in RECORDS:
        own = [one for one in ALL if one.record == record]
        assert len([one for one in own if one.valid]) >= 1
        assert len([one for one in own if not one.valid]) >= 2


def test_every_example_has_a_file_of_its_own() -> None:
    paths = [path for path, _ in example_files()]
    assert len(set(paths)) == len(paths) == len(ALL) + 1
