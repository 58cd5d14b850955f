"""A catalog reads any content that keeps the protocol, not only snapshots."""

from __future__ import annotations

import inspect

import pytest

from modelmeta import Catalog, Cost, DecodeError, Limit, Modalities, Model, ModelRef, Provider, Usage, dump_catalog
from modelmeta.catalog.content import Content
from modelmeta.codec.snapshot import Snapshot
from modelmeta.records.columns import COLUMNS, Column


class _Shelf:
    """Content kept as records in a dict."""

    kind, source, fetched_at, digest = "api.json", "a shelf", None, "0" * 64

    def __init__(self, *models):
        self.books = {str(model.ref): model for model in sorted(models, key=lambda model: model.ref)}
        self.refs, self.aliases = list(self.books), {}

    def providers(self):
        return {"acme": Provider(id="acme", name="Acme", model_count=len(self.refs))}

    def lab_models(self):
        return {}

    def problems(self):
        return ()

    def model(self, row):
        return self.books[self.refs[row]]

    def column(self, name):
        return Column.of(COLUMNS[name](model) for model in self.books.values())

    def line(self, row):
        return repr(self.model(row)).encode()


def shelf(*contexts):
    models = (
        Model(
            ref=ModelRef("acme", f"m{number}"),
            name=f"M{number}",
            limit=Limit(context=context),
            modalities=Modalities(("text", "image"), ("text",)),
            cost=Cost(input=number, output=number),
        )
        for number, context in enumerate(contexts)
    )
    return Catalog(_Shelf(*models))


def members(cls):
    return {name for name in vars(cls) if not name.startswith("_")}


def test_a_snapshot_keeps_the_protocol():
    named_in_the_class = {name for name in members(Content) if inspect.isfunction(vars(Content)[name])}

    assert named_in_the_class <= members(Snapshot)
    for name in named_in_the_class:
        assert list(inspect.signature(getattr(Content, name)).parameters) == list(inspect.signature(getattr(Snapshot, name)).parameters)


def test_every_question_is_answered_from_any_content():
    catalog = shelf(100, None, 300)

    assert len(catalog) == 3
    assert catalog["acme/m1"] is catalog.get("acme/m1")
    assert [str(ref) for ref in catalog.filter("vision", min_context=200).refs] == ["acme/m2"]
    assert [str(ref) for ref in catalog.filter(min_context=1, unknown="only").refs] == ["acme/m1"]
    assert catalog.price("acme/m2", Usage(1_000_000)).total == 2
    assert str(catalog.compare("acme/m0", "acme/m2").models[0].ref) == "acme/m0"
    assert catalog.stats().by_provider == {"acme": 3}
    assert [change.path for change in catalog.diff(shelf(100, 5, 300))] == ["limit.context"]


def test_only_content_that_came_from_a_document_is_dumped():
    with pytest.raises(DecodeError, match="only a catalog can be dumped"):
        dump_catalog(shelf(1))
