"""The public test kit."""

from __future__ import annotations

import builtins
import importlib
import sys

import pytest
from hypothesis import given

from modelmeta import MissingExtraError, load_catalog, testing
from modelmeta.testing import documents, scaled_document


@given(documents())
def test_documents_load(document):
    assert load_catalog(document).content.kind == "api.json"


@pytest.mark.parametrize("times", [1, 3])
def test_a_scaled_document_is_so_many_times_as_large(times):
    document = {"lab": {"id": "lab", "name": "Lab", "models": {"m": {"name": "M"}, "n": {"name": "N"}}}}
    catalog = load_catalog(scaled_document(document, times))
    assert (len(catalog), len(catalog.providers())) == (2 * times, times)
    assert catalog["lab/m"].name == "M"


def test_without_hypothesis_the_kit_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def importing(name, *args, **kwargs):
        if name.partition(".")[0] == "hypothesis":
            message = f"No module named {name!r}"
            raise ModuleNotFoundError(message, name=name)
        return real(name, *args, **kwargs)

    for name in [name for name in sys.modules if name.startswith("modelmeta.testing.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", importing)
    with pytest.raises(MissingExtraError, match=r'pip install "modelmeta\[testing\]"'):
        importlib.reload(testing)
