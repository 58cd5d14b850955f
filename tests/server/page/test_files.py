"""What the page is made of: its files and its one document, over HTTP."""

from __future__ import annotations

import re
from importlib.resources import files

import httpx
import pytest

LARGEST = 60_000
FILES = {file.name: file.read_bytes() for file in (files("modelmeta.server") / "page").iterdir()}


@pytest.fixture(scope="module")
def document(full):
    return httpx.get(f"{full}page/models.json").json()


@pytest.fixture(scope="module")
def columns(document):
    """Every fact of every model, model by model."""
    return {name: [column["values"][code] for code in column["codes"]] for name, column in document["columns"].items()}


def test_the_page_is_small():
    assert sum(map(len, FILES.values())) < LARGEST


def test_the_page_names_no_other_place():
    addresses = {address for body in FILES.values() for address in re.findall(r"https?://[^\s\"'`)]+", body.decode())}
    assert {"http://www.w3.org/2000/svg"} == addresses


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_served_as_it_is_and_known_again(full, name):
    answer = httpx.get(f"{full}page/{name}")

    assert (200, FILES[name]) == (answer.status_code, answer.content)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert 304 == httpx.get(f"{full}page/{name}", headers={"if-none-match": answer.headers["etag"]}).status_code


def test_the_page_is_served_at_the_root(full):
    assert FILES["index.html"] == httpx.get(full).content


@pytest.mark.parametrize("name", ["nothing.js", "..%2fsite.py", "%2e%2e/site.py", "style.css%00"])
def test_what_is_no_file_of_the_page_is_not_found(full, name):
    assert 404 == httpx.get(f"{full}page/{name}").status_code


def test_the_document_says_of_every_model_what_the_catalog_says(columns, catalog):
    told = {f"{provider}/{model_id}": facts for provider, model_id, *facts in zip(*columns_of(columns), strict=True)}

    assert {str(model.ref): facts_of(model) for model in catalog} == told


def columns_of(columns):
    names = ("provider", "id", "name", "family", "type", "status", "released", "context", "output", "state", "takes", "gives")
    return [columns[name] for name in names]


def facts_of(model):
    return [
        *(model.name, model.family, model.type or "chat", model.status or "available"),
        model.release_date and str(model.release_date),
        *(model.limit.context, model.limit.output, model.price_state),
        *([*words] or None for words in (model.modalities.input, model.modalities.output)),
    ]


def test_the_document_names_every_capability_that_is_known_and_is_no_modality(columns, catalog):
    refs = map("{}/{}".format, columns["provider"], columns["id"])
    told = {ref: set(names or ()) for ref, names in zip(refs, columns["capabilities"], strict=True)}

    def is_modality(name):
        return name.endswith(("_input", "_output")) and name != "structured_output"

    assert {str(model.ref): {name for name in model.capabilities if not is_modality(name)} for model in catalog} == told


def test_the_document_names_every_provider(document, catalog):
    assert {provider.id: provider.name for provider in catalog.providers()} == document["providers"]


def test_the_document_has_first_what_labs_sell_themselves_newest_first(columns):
    first = columns["released"][:20]
    assert {"openai", "anthropic", "google"} <= set(columns["provider"][:20])
    assert sorted(first, reverse=True) == first


def test_the_how_to_names_every_parameter_of_the_address_and_every_order(root):
    how_to = (root / "docs" / "howto" / "page.md").read_text(encoding="utf-8").partition("## Links")[2]
    told = {name for cell in re.findall(r"^\| (`.+?) \|", how_to, re.MULTILINE) for name in re.findall(r"`(\w+)`", cell)}
    state = FILES["state.js"].decode()
    sets = dict(re.findall(r"(\w+): \"(\w+)\"", state.partition("const SETS")[2].partition("};")[0]))
    plain = re.findall(r"\"(\w+)\"", state.partition("const PLAIN")[2].partition("]")[0])

    assert {*sets.values(), *plain, "ref"} == told
    orders = re.findall(r"^  (\w+): \[", FILES["models.js"].decode().partition("const SORTS")[2].partition("};")[0], re.MULTILINE)
    assert ", ".join(f"`{order}`" for order in orders[:-1]) + f" or `{orders[-1]}`" in how_to
