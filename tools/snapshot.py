"""Make the bundled snapshot from a models.dev document: ``python tools/snapshot.py <path or url> [--date YYYY-MM-DD]``.

The date says when the document was current. If it is not given it is the date in the file's name, or today for a URL. Descriptions are
prose and stay behind. The same document and date make the same bytes.
"""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime
from pathlib import Path

import httpx

from modelmeta.codec.json_text import parse
from modelmeta.codec.models_dev import read_document
from modelmeta.codec.snapshot import encode
from modelmeta.codec.unpack import to_bytes, to_utf8

TARGET = Path(__file__).parent.parent / "src" / "modelmeta" / "sources" / "models.snapshot"


def make(data: bytes, source: str, date: str) -> bytes:
    """Return the snapshot of the document in *data*, without its descriptions."""
    tree = parse(to_utf8(to_bytes(data, source), source), source)
    document = read_document(tree, source)
    for row in (*document.rows.values(), *document.lab_rows.values()):
        row.pop("description", None)
    return encode(document, source=source, fetched_at=date)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("document", help="path or URL of a models.dev document")
    parser.add_argument("--date", help="when it was current, YYYY-MM-DD")
    arguments = parser.parse_args()
    source: str = arguments.document
    if source.startswith(("https://", "http://")):
        data = httpx.get(source, follow_redirects=False, timeout=60).raise_for_status().content
        date = arguments.date or datetime.now(UTC).date().isoformat()
    else:
        data, source = Path(source).read_bytes(), Path(source).name
        written = re.search(r"\d{4}-\d{2}-\d{2}", source)
        date = arguments.date or (written and written[0])
    if date is None:
        parser.error("the file's name holds no date: say --date YYYY-MM-DD")
    snapshot = make(data, source, date)
    fresh = TARGET.with_suffix(".new")
    fresh.write_bytes(snapshot)
    fresh.replace(TARGET)  # running processes have the old file mapped
    print(f"{TARGET.name}: {len(snapshot):,} bytes of {source}, {date}")  # noqa: T201  # a command reports what it did


if __name__ == "__main__":
    main()
