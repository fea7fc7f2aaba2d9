"""Claims on the generated JSON Schemas."""

import pytest
from jsonschema import Draft202012Validator

from stepsmith.contracts import Message, RunInput
from stepsmith.contracts.schemas import FOLDER, PUBLISHED, document, texts


def test_the_checked_in_schemas_are_fresh():
    """Renew them with ``python -m stepsmith.contracts.schemas``."""
    assert {path.name: path.read_text() for path in FOLDER.glob("*.json")} == texts()


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_schema_is_a_schema(name):
    Draft202012Validator.check_schema(document(PUBLISHED[name]))


def test_a_schema_refuses_what_the_decoder_refuses():
    validator = Draft202012Validator(document(Message))
    assert validator.is_valid({"role": "user", "content": [{"type": "text", "text": "hi"}]})
    assert not validator.is_valid({"role": "user", "content": [{"type": "video"}]})
    assert not Draft202012Validator(document(RunInput)).is_valid({"prompt": "hi", "promt": "?"})
