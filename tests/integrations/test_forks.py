"""The Flask how-to's app, made once and forked, as ``gunicorn --preload`` does."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from modelmeta import bundled_catalog, dump_catalog
from modelmeta.testing import FakeModelsDev

PREFORK = """
import faulthandler, os, sys, threading

sys.path.insert(0, sys.argv[1])
from shop import create_app
from modelmeta import Settings

app = create_app(Settings(base_url=sys.argv[2]))
registry = app.extensions["modelmeta"]
question = "/price/openai/gpt-5.5?input_tokens=1000"
assert app.test_client().get(question).status_code == 200
assert registry.refresh().status in ("updated", "unchanged")
catalog = registry.catalog

workers = []
for _ in range(2):
    worker = os.fork()
    if not worker:
        faulthandler.dump_traceback_later(50, exit=True)
        assert registry.catalog is catalog
        assert app.test_client().get(question).json["state"] == "priced"
        assert registry.refresh(force=True).status in ("updated", "unchanged")
        registry.close()
        os._exit(0)
    workers.append(worker)
assert [os.waitpid(worker, 0)[1] for worker in workers] == [0, 0]
registry.close()
assert [thread.name for thread in threading.enumerate()] == ["MainThread"]
print("done")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_each_forked_worker_answers_and_refreshes_by_itself(root, tmp_path):
    text = (root / "docs" / "howto" / "integrations" / "flask.md").read_text()
    (tmp_path / "shop.py").write_text(re.search(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[1])
    with FakeModelsDev(dump_catalog(bundled_catalog())) as upstream:
        command = [sys.executable, "-W", "error::ResourceWarning", "-c", PREFORK, str(tmp_path), upstream.url]
        result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ("done\n", "", 0) == (result.stdout, result.stderr, result.returncode)
    assert len(upstream.requests) >= 3
