"""Answers are worked out once, kept packed, and worked out anew when the catalog changes."""

from __future__ import annotations

import asyncio
import gzip
import json
from types import SimpleNamespace

import httpx
import pytest
import zstandard
from fastapi import FastAPI

from modelmeta import Catalog, Fetched, Registry, bundled_catalog, dump_catalog
from modelmeta.server.answers import Answers
from modelmeta.server.router import router

V1 = "/api/v1"


class Counting(Registry):
    """A registry that counts what it is asked."""

    searches = 0

    def search(self, *arguments, **named):
        """Search, and count that."""
        self.searches += 1
        return super().search(*arguments, **named)


def test_what_is_to_be_done_when_another_catalog_is_read_is_done_once():
    catalog, done = bundled_catalog(), []
    reading = SimpleNamespace(catalog=catalog)
    answers = Answers(reading)
    answers.let_go = lambda: done.append(reading.catalog)
    for reading.catalog in (catalog, catalog, Catalog(catalog.content)):
        assert answers.known(("/", b"")) is None
    assert [catalog, reading.catalog] == done


def test_who_asks_the_same_at_once_waits_for_one_answer():
    async def ask():
        app = FastAPI()
        app.include_router(router(registry), prefix=V1)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://host") as client:
            return await asyncio.gather(*(client.get(f"{V1}/models/search?q=claude") for _ in range(20)))

    with Counting() as registry:
        answers = asyncio.run(ask())
        assert {200} == {answer.status_code for answer in answers}
        assert {answers[0].content} == {answer.content for answer in answers}
        assert 1 == registry.searches


@pytest.mark.parametrize("path", [f"{V1}/models/openai/gpt-5.5", f"{V1}/providers", "/api.json", "/page/app.js"])
def test_an_answer_is_the_same_in_every_encoding(bundled, path):
    bodies, etags = set(), set()
    unpack = {None: bytes, "gzip": gzip.decompress, "zstd": zstandard.ZstdDecompressor().decompress}
    for accepted, encoding in (("", None), ("gzip, br", "gzip"), ("gzip, zstd", "zstd"), ("zstd;q=0, gzip", "gzip"), ("*", None)):
        for _ in range(2):
            with bundled.client.stream("GET", path, headers={"Accept-Encoding": accepted}) as answer:
                body = b"".join(answer.iter_raw())
            assert encoding == answer.headers.get("content-encoding")
            assert len(body) == int(answer.headers["content-length"])
            bodies.add(unpack[encoding](body))
            etags.add((encoding, answer.headers["etag"]))
    assert (1, 3) == (len(bodies), len(etags))
    for encoding, etag in etags:
        known = {"Accept-Encoding": encoding or "", "If-None-Match": f'"other", W/{etag}'}
        assert 304 == bundled.get(path, headers=known).status_code


def test_pages_of_other_origins_may_also_read_what_is_prepared(serve):
    served = serve(Registry(), cors=["https://app.example"])
    for origin in (None, "https://app.example", "https://app.example", "https://evil.example"):
        answer = served.get(f"{V1}/models/openai/gpt-5.5", headers={"Origin": origin} if origin else {})
        allowed = origin if origin == "https://app.example" else None
        assert (200, allowed) == (answer.status_code, answer.headers.get("access-control-allow-origin"))


class Changing:
    """A source of a document that may change."""

    name = "changing"

    def __init__(self, document):
        self._document = document

    def fetch(self, _):
        """Return the document as it is."""
        return Fetched(json.dumps(self._document).encode())


def test_a_model_is_told_as_it_is_now_wherever_it_is_told(serve):
    paths = ("/models/openai/gpt-5.5", "/models?provider=openai&limit=100", "/models/openai/gpt-5.5/offerings", "/models/search?q=gpt-5.5")

    def outputs():
        told = [served.get(V1 + path).json() for path in paths]
        models = [
            told[0],
            *told[1]["models"],
            *(offer["model"] for offer in told[2]["offerings"]),
            *(hit["model"] for hit in told[3]["hits"]),
        ]
        return [model["limit"]["output"] for model in models if (model["provider_id"], model["id"]) == ("openai", "gpt-5.5")]

    document = dump_catalog(bundled_catalog())
    registry = Registry(source=Changing(document))
    served = serve(registry)
    before = outputs()
    assert 4 == len(before)
    document["openai"]["models"]["gpt-5.5"]["limit"]["output"] = 77_777
    registry.refresh()
    assert [77_777] * 4 == outputs()
