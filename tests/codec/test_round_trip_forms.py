from __future__ import annotations

import gzip
import json

from hypothesis import given, settings

from modelmeta import dump_catalog, load_catalog
from modelmeta.testing.strategies import documents, json_texts


def canonical(value) -> str:
    """Return *value* so that 1 and 1.0 differ, and the order of keys does not matter."""
    return json.dumps(value, sort_keys=True)


def test_every_real_document_comes_back_from_its_zipped_bytes(real):
    assert canonical(json.loads(real.data)) == canonical(dump_catalog(load_catalog(gzip.compress(real.data, 1))))


def test_every_real_document_comes_back_from_what_json_made_of_it(real):
    tree = json.loads(real.data)
    assert canonical(tree) == canonical(dump_catalog(load_catalog(tree)))


def test_a_real_document_means_the_same_as_text_and_as_what_json_made_of_it(shared_data):
    data = gzip.decompress((shared_data / "api-2026-03-01.json.gz").read_bytes())
    assert list(load_catalog(data)) == list(load_catalog(json.loads(data)))


@given(json_texts(documents(flawed=True)))
def test_any_document_comes_back_from_what_json_made_of_it(text: str):
    tree = json.loads(text)
    assert canonical(json.loads(text)) == canonical(dump_catalog(load_catalog(tree)))
    assert canonical(json.loads(text)) == canonical(tree), "loading changed the document it was given"


@given(documents(flawed=True))
def test_any_document_means_the_same_as_text_and_as_what_json_made_of_it(document):
    """Written by ``json.dumps``, a float says in text what it prints as."""
    text, tree = load_catalog(json.dumps(document).encode()), load_catalog(document)
    assert list(text) == list(tree)
    assert text.providers() == tree.providers()
    assert [(problem.path, problem.kind, problem.raw) for problem in text.problems] == [
        (problem.path, problem.kind, problem.raw) for problem in tree.problems
    ]


@settings(max_examples=40)
@given(json_texts(documents(flawed=True)))
def test_bytes_of_any_kind_mean_the_same(text: str):
    data = text.encode()
    wholes = [data, bytearray(data), memoryview(data), gzip.compress(data), b"\xef\xbb\xbf" + data]
    assert len({bytes(load_catalog(whole).content) for whole in wholes}) == 1
