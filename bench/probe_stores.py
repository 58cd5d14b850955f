"""What stores take: ``python probe_stores.py <repeats> <revisions> <startups> <folder>``, run where modelmeta is installed with its extras
``postgres``, ``redis`` and ``testing``, beside what ``servers.py`` needs.

Every store is given the bundled catalog and then, in turn, revisions in which 1 % of the models change. In the folder there may be real
documents, ``api-<date>.json.gz``: they are read one after the other into a SQLite file, to see how large that gets.
"""

from __future__ import annotations

import gc
import json
import random
import sys
from collections import defaultdict
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from processes import Program, startup
from servers import postgres, redis
from stopwatch import timed

from modelmeta import Fetched, Registry, bundled_catalog, dump_catalog
from modelmeta.stores.by_url import open_store

if TYPE_CHECKING:
    from modelmeta import Store

    Taken = dict[str, list[float]]

REF = "openai/gpt-4o"
CHANGED = 0.01
BACK = (1, 10, 100)
ASKED = 100


def main(repeats: int, revisions: int, startups: int, documents: Path) -> None:
    taken: Taken = defaultdict(list)
    upstream = Upstream()
    with TemporaryDirectory() as temporary, ExitStack() as stack:
        folder = Path(temporary)
        facts = replayed(sorted(documents.glob("api-*.json.gz")), folder / "replayed.db")
        urls = {
            "sqlite": f"sqlite:///{folder}/models.db",
            "postgres": stack.enter_context(postgres(folder)),
            "redis": stack.enter_context(redis(folder)),
        }
        stores = {name: Timed(stack.enter_context(closing(open_store(url)))) for name, url in {"memory": "memory://", **urls}.items()}
        writers = {name: stack.enter_context(Registry(store=store, source=upstream)) for name, store in stores.items()}
        for number in range(revisions + 1):
            first = "" if number else "first "
            for name, registry in writers.items():
                whole, report = timed(registry.refresh)
                if len(report.changed) != upstream.changed or report.revision != stores[name].committed:
                    sys.exit(f"the refresh of {name} came to {report}")
                taken[f"{first}commit, {name}"].append(stores[name].took)
                taken[f"{first}refresh, {name}"].append(whole)
            if not number:
                opening(urls, repeats, taken)
                taken |= started(urls, startups, folder)
            if number < revisions:
                upstream.change()
        looking_back({**urls, "memory": stores["memory"]}, max(1, repeats // 5), taken)
    print(json.dumps({"taken": taken, "changed rows": upstream.changed, **facts}))


class Upstream:
    """A source in memory: the bundled catalog, and what becomes of it."""

    name = "upstream"

    def __init__(self) -> None:
        self._document = dump_catalog(bundled_catalog())
        providers = self._document.get("providers", self._document)
        self._rows = [row for provider in providers.values() for row in provider["models"].values()]
        self._dice = random.Random(1)
        self._data = json.dumps(self._document).encode()
        self.changed = 0

    def change(self) -> None:
        changed = self._dice.sample(self._rows, round(len(self._rows) * CHANGED))
        for row in changed:
            row["limit"] = {**row.get("limit", {}), "output": self._dice.randrange(1, 1_000_000_000)}
        self._data = json.dumps(self._document).encode()
        self.changed = len(changed)

    def fetch(self, _: str | None) -> Fetched:
        return Fetched(self._data)


class Timed:
    """A store, and what its last commit took."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.took, self.committed = 0.0, None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, revision: Any, *facts: Any, base: str | None) -> bool:
        self.took, done = timed(lambda: self._store.commit(revision, *facts, base=base))
        self.committed = revision.id
        return done


def opening(urls: dict[str, str], repeats: int, taken: Taken) -> None:
    """Measure a registry that opens what is in the wheel or in a store, over a store of its own or one that is connected, in turn."""
    for _ in range(repeats):
        taken["open, bundled"].append(answer("memory://"))
        for name, url in urls.items():
            taken[f"open, {name}"].append(answer(url))
            with closing(open_store(url)) as store:
                first, again = timed(store.head)[0], timed(store.head)[0]
                taken[f"connect, {name}"].append(first - again)
                taken[f"head, {name}"].append(again)
                taken[f"load, {name}"].append(timed(store.load)[0])
                taken[f"open connected, {name}"].append(answer(store))


def answer(store: str | Store) -> float:
    """Return what a new registry takes to count its models and give one."""
    with closing(Registry(store=store)) as registry:
        gc.collect()
        return timed(lambda: (len(registry), registry.get(REF)))[0]


def started(urls: dict[str, str], startups: int, folder: Path) -> Taken:
    """Return what it takes from a fresh interpreter to the first answer."""
    code = "from modelmeta import Registry; registry = Registry(store={!r}); registry.get({!r})"
    programs = {
        name: Program(Path(sys.executable), code.format(url, REF), startups) for name, url in {"bundled": "memory://", **urls}.items()
    }
    return {f"start, {name}": sample.values for name, sample in startup(programs, folder).items()}


def looking_back(stores: dict[str, str | Store], repeats: int, taken: Taken) -> None:
    """Measure what is asked of the past, in turn."""
    refs = [REF, *map(str, random.Random(2).sample(list(bundled_catalog().rows), ASKED))]
    for _ in range(repeats):
        for name, store in stores.items():
            with Registry(store=store) as registry:
                revisions = registry.revisions()
                for back, then in [(back, revisions[-1 - back]) for back in BACK if back < len(revisions)]:
                    taken[f"as_of {back}, {name}"].append(timed(partial(registry.as_of, then))[0])
                    taken[f"changes {back}, {name}"].append(timed(partial(registry.changes, since=then))[0])
                taken[f"history, {name}"] += [timed(partial(registry.history, ref))[0] for ref in refs]


def replayed(documents: list[Path], file: Path) -> dict[str, int]:
    """Return how many revisions *documents* make, and how many bytes they take in *file*."""
    for document in documents:
        with Registry(store=f"sqlite:///{file}", source=document) as registry:
            registry.refresh(accept=True)
            revisions = len(registry.revisions())
    return {"replayed": revisions, "bytes": file.stat().st_size} if documents else {}


main(*map(int, sys.argv[1:4]), Path(sys.argv[4]))
