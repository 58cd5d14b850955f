from __future__ import annotations

import json

import pytest
from hypothesis import given

from modelmeta import dump_catalog, load_catalog
from modelmeta.testing.strategies import documents, json_texts


def canonical(value) -> str:
    """Return *value* so that 1 and 1.0 differ, and the order of keys does not matter."""
    return json.dumps(value, sort_keys=True)


def test_every_real_document_comes_back_from_its_file_number_for_number(real, tmp_path):
    path = tmp_path / real.name.removesuffix(".gz")
    path.write_bytes(real.data)
    dumped = dump_catalog(load_catalog(path))
    assert json.loads(real.data) == dumped
    assert canonical(json.loads(real.data)) == canonical(dumped)


def test_every_real_document_is_read_whole_and_comes_back_through_a_snapshot(real):
    document = json.loads(real.data)
    catalog = load_catalog(real.data)
    reopened = load_catalog(bytes(catalog.content))
    providers = document.get("providers", {} if real.name.startswith("models") else document)
    labs = document.get("models", document if real.name.startswith("models") else {})
    for copy in (catalog, reopened):
        assert {"odd"} >= {problem.kind for problem in copy.problems}
        assert {f"{provider}/{model}" for provider, head in providers.items() for model in head["models"]} == {
            str(model.ref) for model in copy
        }
        assert sorted(labs) == [lab.id for lab in copy.lab_models]
        assert {key: len(head["models"]) for key, head in providers.items()} == {
            seller.id: seller.model_count for seller in copy.providers()
        }
    assert canonical(document) == canonical(dump_catalog(reopened))


@given(json_texts(documents(flawed=True)))
def test_any_document_comes_back_however_it_is_spelled_and_whatever_is_wrong_in_it(text: str):
    catalog = load_catalog(text.encode())
    for copy in (catalog, load_catalog(bytes(catalog.content))):
        assert canonical(json.loads(text)) == canonical(dump_catalog(copy))


@given(json_texts(documents()))
def test_no_historical_shape_is_refused(text: str):
    catalog = load_catalog(text.encode())
    assert {"odd"} >= {problem.kind for problem in catalog.problems}
    assert sum(len(head["models"]) for head in json.loads(text).values()) == len(catalog)


@pytest.mark.parametrize(
    "number", ["1e-7", "5.0", "10E0", "0.10", "-0.0", "0.049999999999999996", "0.12345678901234567", "12345678901234567890", "1E+2"]
)
def test_odd_numbers_come_back_as_json_reads_them(number: str):
    text = f'{{"p": {{"new": {number}, "models": {{"m": {{"cost": {{"input": {number.lstrip("-")}}}, "new": [{number}]}}, "bad": {number}}}}}, "q": {number}}}'
    for copy in (first := load_catalog(text.encode()), load_catalog(bytes(first.content))):
        assert canonical(dump_catalog(copy)) == canonical(json.loads(text))


@pytest.mark.parametrize("odd", ["é", "模型", "😀", "\ud800", "\udfff\ud83d", "\x00", "\x7f", "\u2028", '"', "\\", "a\nb", "'", " "])
def test_odd_text_comes_back_as_key_and_as_value(odd: str):
    document = {odd: {"name": odd, odd: odd, "models": {odd: {"name": odd, odd: odd, "cost": {odd: odd}}, f"{odd}!": odd}}, f"{odd}!": odd}
    catalog = load_catalog(json.dumps(document).encode())
    for copy in (catalog, load_catalog(bytes(catalog.content)), load_catalog(document)):
        assert dump_catalog(copy) == document
        (model,) = copy
        assert (model.provider_id, model.id, model.name) == (odd, odd, odd)
        assert model.extra == {odd: odd, f"cost.{odd}": odd}


def test_dumping_twice_gives_two_documents_that_share_nothing():
    catalog = load_catalog({"p": {"models": {"m": {"x": [1]}}, "env": 5}})
    dump_catalog(catalog)["p"]["models"]["m"]["x"].append(2)
    assert dump_catalog(catalog) == {"p": {"models": {"m": {"x": [1]}}, "env": 5}}
