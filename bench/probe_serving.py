"""What the server takes: ``python probe_serving.py <seconds> <turns> <soak seconds> <addresses>``, run where modelmeta is installed with its
extras ``server``, ``metrics`` and ``testing``, and wrk beside it.

The server runs as ``modelmeta serve`` runs it, in a process of its own, over a SQLite file and an upstream whose document changes. So does a
bare Starlette app with the same uvicorn settings, which answers every request with the bytes the server gave before. wrk asks both in turn, and
the server once more while it refreshes. Then the server is asked and refreshed for long, to see whether it grows.
"""

from __future__ import annotations

import json
import os
import pickle
import random
import resource
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from itertools import chain, cycle, islice, zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import httpx
from upstream import upstream

from modelmeta import bundled_catalog, dump_catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from modelmeta import Catalog

CONNECTIONS, SOAKING = 1_000, 100
CHANGED = 0.01
EVERY = 10
"""So many seconds from one refresh to the next."""
TOKEN = "bench"
NUMBER = "x-number"
V1 = "/api/v1"
ACCEPTED = ("gzip, deflate, br, zstd", "gzip, deflate", "gzip", "identity")
MOST_FILES = 4_000


def main(seconds: int, turns: int, soak: int, addresses: int) -> None:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(MOST_FILES, most) if most != resource.RLIM_INFINITY else MOST_FILES, most))
    catalog = bundled_catalog()
    document = {"providers": dump_catalog(catalog), "models": {}}
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        url, serve = stack.enter_context(upstream(document))
        process, ours = stack.enter_context(running("modelmeta", f"sqlite:///{folder}/catalog.db", url))
        world = World(ours, document, serve)
        while world.refresh()[0] != "updated":  # it may have joined the one that the server began by itself
            pass
        wanted, answers = collected(ours, list(islice(questions(catalog), addresses)))
        (folder / "requests").write_bytes(b"\0".join(wanted))
        (folder / "answers").write_bytes(pickle.dumps(answers))
        other, theirs = stack.enter_context(running("starlette", folder / "answers"))
        hosts = {"modelmeta": (process, ours, None), "starlette": (other, theirs, None), "refreshing": (process, ours, world)}
        runs = []
        for who, (host, address, meanwhile) in turns * [*hosts.items()]:
            asked(folder, address, max(1, seconds // 6), CONNECTIONS)
            begun = spent(host)
            with refreshing(meanwhile) as refreshes:
                run = asked(folder, address, seconds, CONNECTIONS)
            runs.append({"who": who, **run, "cpu": (spent(host) - begun) / run["requests"], "refreshes": refreshes})
        before = world.prepared()
        with watched(process) as seen, refreshing(world) as refreshes:
            soaked = asked(folder, ours, soak, SOAKING)
        hits, misses = (now - then for now, then in zip(world.prepared(), before, strict=True))
        print(json.dumps({"runs": runs, "soak": {**soaked, "refreshes": refreshes, "seen": seen, "hits": hits, "misses": misses}}))


class World:
    """The server, and what it reads."""

    def __init__(self, url: str, document: dict[str, Any], serve: Callable[[dict[str, Any]], None]) -> None:
        self._client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60)
        self._document = document
        self._rows = [row for provider in document["providers"].values() for row in provider["models"].values()]
        self._serve = serve
        self._dice = random.Random(1)

    def refresh(self) -> tuple[str, float]:
        """Change the document and have it read; return what became of it, and how long that took."""
        for row in self._dice.sample(self._rows, round(len(self._rows) * CHANGED)):
            row["limit"] = {**row.get("limit", {}), "output": self._dice.randrange(1, 1_000_000)}
        self._serve(self._document)
        begun = monotonic()
        job = self._client.post(f"{V1}/models/refresh").raise_for_status().headers["location"]
        while (told := self._client.get(job).raise_for_status().json())["status"] == "running":
            sleep(0.1)
        return told["status"], monotonic() - begun

    def prepared(self) -> tuple[float, float]:
        """Return how often the server had an answer prepared, and how often not."""
        numbers = dict(line.rsplit(" ", 1) for line in self._client.get("/metrics").text.splitlines() if not line.startswith("#"))
        return float(numbers['modelmeta_cache_hits_total{tier="prepared"}']), float(
            numbers['modelmeta_cache_misses_total{tier="prepared"}']
        )


@contextmanager
def refreshing(world: World | None) -> Iterator[list[tuple[str, float]]]:
    """Refresh every so often meanwhile; yield what became of each and how long it took, so far."""
    took: list[tuple[str, float]] = []
    over = Event()

    def refresh() -> None:
        while world is not None and not over.wait(EVERY if took else 1):
            took.append(world.refresh())

    thread = Thread(target=refresh)
    thread.start()
    try:
        yield took
    finally:
        over.set()
        thread.join()


@contextmanager
def watched(process: subprocess.Popen[bytes]) -> Iterator[list[tuple[int, int]]]:
    """Look at *process* every second; yield its resident bytes and its open descriptors, so far."""
    seen: list[tuple[int, int]] = []
    over = Event()
    state = Path(f"/proc/{process.pid}")

    def look() -> None:
        while not over.wait(1):
            pages = int((state / "statm").read_text().split()[1])
            seen.append((pages * resource.getpagesize(), len(list((state / "fd").iterdir()))))

    thread = Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def spent(process: subprocess.Popen[bytes]) -> float:
    """Return the processor time of *process*, in seconds."""
    user, system = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def asked(folder: Path, url: str, seconds: int, connections: int) -> dict[str, float]:
    """Return what wrk says of so many *seconds*."""
    script = Path(__file__).with_name("serving.lua")
    command = [
        "wrk",
        "-t2",
        f"-c{connections}",
        f"-d{seconds}s",
        "--timeout",
        "10s",
        "-s",
        script,
        url,
        "--",
        folder / "requests",
        str(connections // 2),
    ]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


@contextmanager
def running(who: str, *arguments: object) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run a server in a process of its own; yield that, and the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, __file__, who, str(port), *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while not answers_at(port):
                if process.poll() is not None:
                    sys.exit(f"the server of {who} ended with {process.returncode}")
                sleep(0.1)
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def answers_at(port: int) -> bool:
    """Return whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


Question = tuple[str, str, dict[str, str], bytes]


def questions(catalog: Catalog) -> Iterator[Question]:
    """Yield what is asked, the kinds in turn."""
    dice = random.Random(1)
    models = list(catalog)
    dice.shuffle(models)
    paths = [f"{V1}/models/{quote(str(model.ref), safe='/')}" for model in models]
    capabilities = ("vision", "tool_call", "reasoning", "structured_output", "open_weights")
    filters = [
        {"capability": dice.choice(capabilities), "min_context": dice.choice((32_000, 128_000, 200_000)), "sort": "cost.input"}
        | ({"max_input_cost": dice.randrange(1, 100) / 10} if number % 2 else {"page": dice.randrange(1, 9)})
        for number in range(1_000)
    ]
    sellers = [f"{V1}/providers/{quote(provider.id)}" for provider in catalog.providers()]
    dice.shuffle(sellers)
    workload = {"input_tokens": 10_000, "output_tokens": 1_000}
    prices = [{"model": str(model.ref), "usage": workload} for model in models if model.price_state == "priced"]
    pages = (
        "/",
        "/page/app.js",
        "/page/style.css",
        "/page/models.json",
        f"{V1}/providers",
        f"{V1}/stats",
        f"{V1}/changes",
        "/api.json",
        "/catalog.json?type=all",
        "/models.json",
        "/logos/openai.svg",
        "/openapi.json",
    )
    polled = ("/health", "/ready", "/metrics", f"{V1}/models/refresh/status")
    kinds: tuple[Any, ...] = (
        paths,
        (f"{V1}/models?{urlencode(criteria)}" for criteria in filters),
        (f"{V1}/models/search?{urlencode({'q': model.name})}" for model in models[:1_000]),
        (f"{path}/offerings" for path in paths),
        (f"{path}?page={page}" for page in range(1, 4) for path in (f"{seller}/models" for seller in sellers)),
        sellers,
        (f"{V1}/models/compare?{urlencode({'ids': ','.join(str(model.ref) for model in some)})}" for some in pairs(models)),
        (f"{V1}/models/capability/{name}?page={page}" for page in range(1, 20) for name in capabilities),
        (f"{path}/benchmarks" for path in paths),
        (f"{path}/history" for path in paths),
        (("POST", f"{V1}/price", {"Content-Type": "application/json"}, json.dumps(price).encode()) for price in prices),
        (("GET", path, {"If-None-Match": ""}, b"") for path in paths),
        (*(("GET", page, {"Accept-Encoding": encoding}, b"") for encoding in ACCEPTED for page in pages), *polled),
    )
    accepted = cycle(ACCEPTED)
    for each in chain.from_iterable(zip_longest(*kinds)):
        if each is not None:
            method, target, headers, body = ("GET", each, {}, b"") if isinstance(each, str) else each
            yield method, target, {"Accept-Encoding": next(accepted), **headers}, body


def pairs(models: list[Any]) -> Iterator[tuple[Any, ...]]:
    return zip(models[::3], models[1::3], models[2::3], strict=False)


def collected(url: str, wanted: list[Question]) -> tuple[list[bytes], list[tuple[int, dict[str, str], bytes]]]:
    """Return the requests as they are sent, and what the server answers to each."""
    requests, answers = [], []
    with httpx.Client(base_url=url, timeout=60) as client:
        for number, (method, target, given, body) in enumerate(wanted):
            headers = {"Host": "models.example", "Authorization": f"Bearer {TOKEN}", NUMBER: str(number), **given}
            if "If-None-Match" in headers:
                headers["If-None-Match"] = client.get(target, headers={"Accept-Encoding": headers["Accept-Encoding"]}).headers["etag"]
            with client.stream(method, target, headers=headers, content=body) as answer:
                content = b"".join(answer.iter_raw())
            if answer.status_code >= 400:
                sys.exit(f"{method} {target} is answered with {answer.status_code}: {content[:1_000]!r}")
            kept = {name: answer.headers[name] for name in ("content-type", "content-encoding", "etag") if name in answer.headers}
            answers.append((answer.status_code, kept, content))
            lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
            lines += [f"Content-Length: {len(body)}"] if body else []
            requests.append("\r\n".join([*lines, "", ""]).encode() + body)
    return requests, answers


def modelmeta(port: str, store: str, source: str) -> None:
    from modelmeta.server.serve import Serving, serve  # noqa: PLC0415  # what this process is for

    os.environ["MODELMETA_RATE_LIMIT"] = "1000"
    serve(Serving(store=store, sources=(source,), token=TOKEN, refresh_interval="1d"), host="127.0.0.1", port=int(port))


def starlette(port: str, path: str) -> None:
    import uvicorn  # noqa: PLC0415  # as above
    from starlette.applications import Starlette  # noqa: PLC0415  # as above
    from starlette.responses import Response  # noqa: PLC0415  # as above
    from starlette.routing import Route  # noqa: PLC0415  # as above

    answers = pickle.loads(Path(path).read_bytes())

    async def answer(request: Any) -> Response:
        status, headers, body = answers[int(request.headers[NUMBER])]
        return Response(body, status, headers)

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
    uvicorn.run(app, host="127.0.0.1", port=int(port), access_log=False, log_config=None, server_header=False)


if __name__ == "__main__":
    if sys.argv[1] in {"modelmeta", "starlette"}:
        {"modelmeta": modelmeta, "starlette": starlette}[sys.argv[1]](*sys.argv[2:])
    else:
        main(*map(int, sys.argv[1:]))
