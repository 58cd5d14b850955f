from __future__ import annotations

import gzip
import json
from importlib import resources

import pytest

from modelmeta import bundled_catalog, dump_catalog, load_catalog
from modelmeta.sources.bundled import NAME, map_bundled


def test_the_bundled_snapshot_is_the_newest_real_document_without_descriptions(shared_data, catalog):
    document = json.loads(gzip.decompress((shared_data / "api-2026-09-30.json.gz").read_bytes()))
    for provider in document.values():
        for row in provider["models"].values():
            del row["description"]
    dumped = dump_catalog(catalog)
    assert document == dumped
    assert json.dumps(document, sort_keys=True) == json.dumps(dumped, sort_keys=True)


def test_the_bundled_snapshot_says_what_it_was_made_of_and_when(catalog):
    content = catalog.content
    assert (content.kind, content.source, content.fetched_at) == ("api.json", "api-2026-09-30.json.gz", "2026-09-30")
    assert (len(catalog), len(catalog.providers()), catalog.problems) == (8_337, 225, ())


def test_the_bundled_snapshot_passes_its_own_verification(catalog):
    assert catalog.content.digest == load_catalog(bytes(catalog.content)).content.digest


def test_every_bundled_model_is_readable(catalog):
    assert set(catalog.content.refs) == {str(model.ref) for model in catalog}
    assert all(isinstance(hash(model), int) for model in catalog)


def test_the_bundled_snapshot_is_mapped_and_cannot_be_written():
    mapped = map_bundled()
    assert (resources.files("modelmeta.sources") / NAME).read_bytes() == mapped[:]
    with pytest.raises(TypeError):
        mapped[0] = 0


def test_each_bundled_catalog_is_independent_and_equal():
    one, other = bundled_catalog(), bundled_catalog()
    assert one is not other
    assert one.get("openai/gpt-5.5") == other.get("openai/gpt-5.5")


def test_the_bundled_snapshot_is_small():
    assert len(map_bundled()) < 8 * 2**20
