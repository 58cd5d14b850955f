"""What is fuzzed: for each way in a function that is given any bytes, raises nothing, and checks what it read against something else."""

from __future__ import annotations

import gzip
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, get_origin

import attrs
import click
from pydantic import ValidationError
from starlette.datastructures import QueryParams

from modelmeta import (
    AmbiguousModelError,
    Catalog,
    DecodeError,
    InvalidRefError,
    ModelNotFoundError,
    ModelRef,
    Overlay,
    OverlayError,
    Policy,
    PolicyError,
    ProviderNotFoundError,
    Query,
    QueryError,
    Settings,
    SettingsError,
    Usage,
    UsageError,
    bundled_catalog,
    dump_catalog,
    load_catalog,
    permitted,
)
from modelmeta.catalog.policy.judging import Judge
from modelmeta.cli.criteria import criteria_options, page_options, sort_option
from modelmeta.codec.live import DIALECTS, read_page
from modelmeta.codec.snapshot import MAGIC
from modelmeta.codec.update import Seen, read_update
from modelmeta.records.dates import PartialDate
from modelmeta.registry.dialects import genai_prices_layer, litellm_layer, openrouter_layer
from modelmeta.registry.layers import Layers
from modelmeta.server.asking import as_json
from modelmeta.server.parameters import Comparing, Listing, Searching
from modelmeta.server.routes.models import _compared, _found, _listed
from modelmeta.testing.queries import matches

TESTS = Path(__file__).parent.parent
SMALL = (TESTS / "catalog" / "small.json").read_bytes()
_SELECTED = {"exclude": {True}, "include": {True, None}, "only": {None}}
_PRICED = Usage(input_tokens=1_000_000, output_tokens=100_000, cache_read_tokens=1_000, reasoning_tokens=1_000)


@cache
def small() -> Catalog:
    """Return a catalog of six models."""
    return load_catalog(SMALL)


@cache
def real() -> Catalog:
    """Return a catalog of real models with all kinds of names."""
    document = dump_catalog(bundled_catalog())
    return load_catalog({name: document[name] for name in ("amazon-bedrock", "anthropic", "openrouter")})


def fuzz_document(data: bytes) -> None:
    """Any bytes are a catalog that gives them back, whichever of its two readers reads them, or a DecodeError."""
    try:
        catalog = load_catalog(data)
    except DecodeError:
        catalog = None
    if data.startswith(MAGIC):
        return
    with suppress(DecodeError):
        updated, _ = read_update(data, small().content, Seen(), source="here")
        assert catalog is not None or json.loads(data.decode("utf-8-sig")) == {}  # a refresh takes it for a catalog that lost everything
        assert catalog is None or catalog.content.digest == updated.digest
    if catalog is not None:
        text = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
        assert json.dumps(json.loads(text.decode("utf-8-sig")), sort_keys=True) == json.dumps(dump_catalog(catalog), sort_keys=True)
        use(catalog)


def fuzz_snapshot(data: bytes) -> None:
    """A snapshot is not opened unless it is as it was written; one that was forged is refused, or read within bounds, or fails when it is read."""
    with suppress(DecodeError):
        use(load_catalog(data))
    try:
        forged = load_catalog(sealed(data))
    except DecodeError:
        return
    with suppress(Exception):  # what the rows of a forgery raise is not promised
        use(forged)


def sealed(data: bytes) -> bytes:
    """Return *data* with the checksum that makes it a sound snapshot, if it has the header of one."""
    head, _, body = data.partition(b"\n")
    try:
        header = {key: value for key, value in json.loads(head).items() if key != "checksum"}
        checksum = hashlib.sha256(json.dumps(header).encode() + body).hexdigest()
        return json.dumps({**header, "checksum": checksum}).encode() + b"\n" + body
    except (ValueError, AttributeError, RecursionError):
        return data


def use(catalog: Catalog) -> None:
    """Touch everything a catalog holds; what it holds it still holds when it is opened again."""
    reopened = load_catalog(bytes(catalog.content))
    assert list(catalog) == list(reopened)
    assert (catalog.problems, catalog.providers(), catalog.lab_models) == (reopened.problems, reopened.providers(), reopened.lab_models)
    dump_catalog(catalog)
    for model in catalog:
        hash(model)
        assert model is catalog.get(model.ref)
        catalog.price(model.ref, _PRICED)
    catalog.filter("tool_call", max_input_cost=5, released_after="2024", sort=("cost.input", "-limit.context"))
    catalog.search("a")
    catalog.stats()


def fuzz_names(data: bytes) -> None:
    """Any text means one model, several or none, and never one that it does not name."""
    text, catalog = as_text(data), real()
    provider_id, _, model_id = text.partition("/")
    try:
        assert str(ModelRef.parse(text)) == text
    except InvalidRefError:
        assert not (provider_id and model_id)
    try:
        found = catalog.resolve(text)
    except (AmbiguousModelError, ModelNotFoundError) as error:
        named = error.candidates if isinstance(error, AmbiguousModelError) else error.suggestions
        assert all(ref in catalog for ref in named)
        assert catalog.get(text, None) is None
    except InvalidRefError:
        assert not text
    else:
        assert found.model is catalog.get(text)
        assert found.model.ref in found.candidates
        provider_id, model_id = attrs.astuple(found.model.ref)
        exact = {f"{provider_id}/{model_id}", f"{provider_id}:{model_id}", f"{model_id}@{provider_id}"}
        assert (found.match == "exact") is (text in exact)
    with suppress(ProviderNotFoundError, InvalidRefError):
        assert catalog.provider(text).id == text
    hits = catalog.search(text)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert PartialDate(text).text == str(PartialDate(text)) == text


def fuzz_settings(data: bytes) -> None:
    """Any variables and any mapping are settings, which come back, or a SettingsError, and neither shows the key."""
    text = as_text(data)
    variables = dict(line.partition("=")[::2] for line in text.split("\n"))
    for read, given in ((Settings.from_env, variables), (Settings.from_mapping, as_json_value(text))):
        try:
            settings = read(given)
        except SettingsError as error:
            shown = str(error)
        else:
            shown = repr(settings)
            assert settings == Settings.from_mapping(attrs.asdict(settings))
        secret = given.get("MODELMETA_API_KEY", given.get("api_key")) if isinstance(given, dict) else None
        assert not (isinstance(secret, str) and len(secret) > len("MODELMETA_API_KEY") and secret in shown and text.count(secret) == 1)


def fuzz_query(data: bytes) -> None:
    """Any keywords select what a slow scan selects, or are a QueryError."""
    given = as_json_value(as_text(data))
    if not isinstance(given, dict):
        return
    capabilities = given.pop("capabilities", [])
    try:
        if isinstance(given.get("usage"), dict):
            given["usage"] = Usage(**{field.name: given["usage"].get(field.name, 0) for field in attrs.fields(Usage)})
        query = Query(*(capabilities if isinstance(capabilities, list) else [capabilities]), **given)
    except (QueryError, UsageError):
        return
    asked = query.given()
    assert query == Query(*query.capabilities, **asked)
    assert repr(query)
    catalog = small()
    try:
        explained = catalog.explain(query)
    except QueryError:  # of a word that this catalog does not know
        return
    if "available" not in asked:
        unpaged = {name: value for name, value in asked.items() if name not in {"limit", "offset"}}
        wanted, labs = _SELECTED[query.unknown], catalog.lab_models
        scanned = {model.ref for model in catalog if matches(model, asked, capabilities=query.capabilities, lab_models=labs) in wanted}
        assert scanned == {*catalog.filter(*query.capabilities, **unpaged).refs}
        assert explained.matched == len(scanned)
    assert len(catalog.filter(query)) <= len(catalog)


def fuzz_parameters(data: bytes) -> None:
    """Any query string is answered in JSON, or is refused as one."""
    asked = QueryParams(data)
    for model, answer in ((Listing, _listed), (Searching, _found), (Comparing, _compared)):
        lists = {name for name, field in model.model_fields.items() if get_origin(field.annotation) is list}
        with suppress(ValidationError, QueryError, ModelNotFoundError, AmbiguousModelError, UsageError):
            given = model.model_validate({name: asked.getlist(name) if name in lists else asked[name] for name in asked})
            json.loads(as_json(answer(small(), given)))


@click.command()
@criteria_options
@sort_option
@page_options
def _asked(capability: tuple[str, ...], **criteria: Any) -> None:
    small().filter(*capability, **criteria)


def fuzz_options(data: bytes) -> None:
    """Any options of the command line, one a line, ask something, or are refused."""
    with suppress(click.ClickException, click.exceptions.Exit, QueryError):
        _asked.main(as_text(data).split("\n"), standalone_mode=False)


def fuzz_overlay(data: bytes) -> None:
    """Any TOML is laid over a catalog, or is an OverlayError."""
    try:
        overlay = Overlay.parse(as_text(data))
    except OverlayError as error:
        assert error.problems  # noqa: PT017  # it need not be raised
        return
    use(Layers((overlay,)).over(small(), None))


def fuzz_policy(data: bytes) -> None:
    """Any file is a policy that permits what it decides to, or a PolicyError."""
    with tempfile.NamedTemporaryFile(suffix=".toml") as file:
        file.write(data)
        file.flush()
        policies = []
        with suppress(PolicyError):
            policies += Policy.profiles(file.name).values()
        with suppress(PolicyError):
            policies.append(Policy.load(file.name))
    for policy in policies:
        assert policy == Policy(allow=policy.allow, deny=policy.deny)
        judge, allowed = Judge(small(), policy), permitted(small(), policy)
        assert judge.doubts() == policy.doubts(small())
        for model in small():
            assert (model.ref in allowed) is bool(judge.decide(model.ref))


def fuzz_dialects(data: bytes) -> None:
    """Any document of others is a layer that can be laid, or a list of models, or a DecodeError."""
    for read in (litellm_layer, openrouter_layer, genai_prices_layer):
        days = {"day": date(2026, 1, 1)} if read is genai_prices_layer else {}
        with suppress(DecodeError):
            use(Layers((read(data, catalog=small(), **days).with_new(),)).over(small(), None))
    for dialect in DIALECTS:
        with suppress(DecodeError):
            read_page(data, dialect, "here")


def as_text(data: bytes) -> str:
    """Return *data* as a program's arguments come."""
    return data.decode("utf-8", "surrogateescape")


def as_json_value(text: str) -> Any:
    """Return what the JSON *text* says; nothing where it is none."""
    with suppress(ValueError, RecursionError):
        return json.loads(text)
    return {}


class Target(NamedTuple):
    """What is fuzzed, and from where on."""

    fuzz: Callable[[bytes], None]
    seeds: Iterable[bytes]


ENV = b"""MODELMETA_ENABLED=no
MODELMETA_API_KEY=sk-a-long-secret-0123456789
MODELMETA_BASE_URL=https://mirror.example:8443/models/
MODELSDEV_REFRESH_INTERVAL=1h30m
MODELMETA_TIMEOUT=2.5
MODELMETA_MAX_SHRINK=0.25"""
MAPPING = b"""{"enabled": "on", "api-key": "sk-a-long-secret-0123456789", "base_url": "http://[::1]:80", "refresh_interval": "2w 3d",
"cache_ttl": 0, "default_batch_size": "7", "max_retries": 20, "rate_limit": 5, "max_document_bytes": 1000, "max_age": null}"""
QUERY = b"""{"capabilities": ["vision", "function_calling"], "without": "reasoning", "unknown": "only", "provider": ["acme", "paint"],
"type": "chat", "input": ["text", "image"], "min_context": 1000, "max_input_cost": 2.5, "usage": {"input_tokens": 300000}, "max_cost": "1.5",
"price_state": ["priced", "free"], "open_weights": true, "status": "available", "released_after": "2025-01", "min_benchmark": {"Quiz": 60},
"sort": ["cost.input", "-limit.context"], "limit": 2, "offset": 1}"""
STRING = (
    b"capability=vision&without=reasoning&unknown=include&provider=acme&min_context=1000&max_input_cost=2.5&max_cost=1&input_tokens=5000"
    b"&price_state=priced&open_weights=true&released_after=2025-01-31&min_benchmark=Quiz:60&sort=cost.input,-limit.context&fields=cost.input"
)
OPTIONS = b"""-c
vision
--without=reasoning
--provider
acme
--min-context=1000
--max-input-cost=2.5
--released-after=2025-01
--unknown=only
-s
-cost.input
-n
5"""
OVERLAY = b"""name = "ours"
wins = false
[aliases]
mine = "acme/full"
[providers.acme]
name = "Acme's own GPUs"
env = ["ACME_KEY"]
[providers.acme.models.llama]
base_model = "lab/full"
base_model_omit = ["limit.output"]
limit = { context = 131_072 }
release_date = 2026-03-05
[models."acme/full"]
cost = { input = 1.25, output = 0x10, tiers = [{ input = 2, tier = { type = "context", size = 200_000 } }] }
modalities = { input = ["text", "image"], output = ["text"] }
written_against = { cost = { input = 2 } }
extra = { note = "ours", flags = [true, -1.5] }"""
POLICY = b"""allow = ["acme/*", { provider = "paint", max_output_cost = 20, capability = ["vision"] }]
deny = [{ model = "*:free", status = "deprecated" }, { license = "mit", unknown = "include", released_before = 2025 }]"""
PROFILES = b"""[prod]
allow = [{ model = ["[a-f]?ll*"], min_benchmark = { Quiz = 60 } }]"""
LITELLM = b"""{"sample_spec": {"mode": "one of"}, "paint/draw": {"litellm_provider": "paint", "mode": "image_generation", "max_input_tokens": 1000,
"input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05, "supports_vision": true, "cache_read_input_token_cost": 2.5e-07}}"""
OPENROUTER = b"""{"data": [{"id": "lab/full", "name": "Full", "created": 1741000000, "context_length": 200000, "architecture":
{"input_modalities": ["text", "image"], "output_modalities": ["text"]}, "pricing": {"prompt": "0.0000025", "completion": "0.00001"},
"top_provider": {"context_length": 200000, "max_completion_tokens": 8000}, "supported_parameters": ["tools", "reasoning"]}]}"""
GENAI = b"""[{"id": "paint", "name": "Paint", "models": [{"id": "draw", "match": {"equals": "draw"}, "context_window": 1000, "prices":
[{"constraint": {"start_date": "2025-01-01"}, "prices": {"input_mtok": {"base": 1.25, "tiers": [{"start": 200000, "price": 2.5}]}}},
{"prices": {"output_mtok": 10}}]}]}]"""
LIVE = b"""{"data": [{"id": "m", "display_name": "M", "max_model_len": 4096}], "has_more": true, "last_id": "m", "nextPageToken": "n",
"models": [{"name": "models/m", "displayName": "M", "inputTokenLimit": 1000, "outputTokenLimit": 10}]}"""
NAMES = (
    *(b"anthropic/claude-opus-4-5", b"claude-opus-4.5", b"anthropic:Claude_Opus_4.5", b"claude-opus-4-5@anthropic", b"sonet 4.5"),
    *(b"bedrock/us.anthropic.claude-opus-4-5-20251101-v1:0", b"openrouter/anthropic/claude-opus-4.5:free", b"2026-02-30"),
)

TARGETS = {
    "document": Target(
        fuzz_document, (SMALL, gzip.compress(SMALL, mtime=0), *(json.dumps(part).encode() for part in json.loads(SMALL).values()))
    ),
    "snapshot": Target(fuzz_snapshot, (bytes(small().content), bytes(load_catalog(json.loads(SMALL)["providers"]).content))),
    "names": Target(fuzz_names, NAMES),
    "settings": Target(fuzz_settings, (ENV, MAPPING)),
    "query": Target(fuzz_query, (QUERY,)),
    "parameters": Target(fuzz_parameters, (STRING, b"q=ful&limit=3&family=acme", b"ids=acme/full,paint/draw&ids=x&output_tokens=7")),
    "options": Target(fuzz_options, (OPTIONS,)),
    "overlay": Target(fuzz_overlay, (OVERLAY,)),
    "policy": Target(fuzz_policy, (POLICY, PROFILES)),
    "dialects": Target(fuzz_dialects, (LITELLM, OPENROUTER, GENAI, LIVE)),
}
"""Every way in, by name."""
