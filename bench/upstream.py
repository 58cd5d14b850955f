"""A models.dev in a process of its own, so that what it takes counts for nobody else."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

from modelmeta.testing import FakeModelsDev

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def upstream(document: dict[str, Any]) -> Iterator[tuple[str, Callable[[dict[str, Any]], None]]]:
    """Serve *document*; yield the address, and a function that replaces what is served."""
    with subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None

        def serve(document: dict[str, Any]) -> str:
            server.stdin.write(json.dumps(document) + "\n")
            server.stdin.flush()
            return server.stdout.readline().strip()

        try:
            yield serve(document), serve
        finally:
            server.stdin.close()
            server.wait()


def main() -> None:
    with FakeModelsDev({}) as server:
        for line in sys.stdin:
            server.serve(json.loads(line))
            urlopen(Request(f"{server.url}/catalog.json?type=all", headers={"Accept-Encoding": "gzip"})).read()  # packed once, beforehand
            print(server.url, flush=True)


if __name__ == "__main__":
    main()
