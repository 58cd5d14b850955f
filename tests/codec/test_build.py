"""The two ways from a row to a record, the careful one by cattrs and the fast one for rows found good before, agree."""

from __future__ import annotations

import json

from hypothesis import given, settings

from modelmeta import ModelRef
from modelmeta.codec.build import build_model, build_provider
from modelmeta.codec.json_text import parse, row_decoder, to_text
from modelmeta.codec.structure import structure_model, structure_provider
from modelmeta.testing.strategies import documents, json_texts, rows


def test_they_agree_on_every_row_and_provider_of_every_real_document(real):
    document = parse(real.data.decode())
    for provider_id, provider in document.get("providers", document).items():
        models = provider.pop("models", {})
        assert structure_provider(provider_id, provider) == build_provider(provider_id, provider, model_count=0)
        for model_id, row in models.items():
            ref = ModelRef(provider_id, model_id)
            assert structure_model(ref, row, subscription=False) == build_model(ref, row_decoder.decode(to_text(row)), subscription=False)


@settings(max_examples=300)
@given(json_texts(rows()))
def test_they_agree_on_any_row_of_any_time(text: str):
    ref = ModelRef("p", "m")
    row = parse(text)
    structured = structure_model(ref, row, subscription=True)
    for source in (row, row_decoder.decode(to_text(row))):
        built = build_model(ref, source, subscription=True)
        assert (structured, hash(structured)) == (built, hash(built))


@given(documents())
def test_they_agree_on_any_provider(document):
    for provider_id, head in json.loads(json.dumps(document)).items():
        del head["models"]
        structured = structure_provider(provider_id, head)
        built = build_provider(provider_id, head, model_count=0)
        assert (structured, hash(structured)) == (built, hash(built))
