"""The notebook among the examples runs, and shows what it promises."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

PATH = Path(__file__).parent.parent.parent / "examples" / "explore.ipynb"
TABLES = {"card", "search", "filter", "compare", "quote", "offerings", "rank", "pareto", "explain"}
FRAMES = {"pandas", "polars"}
OFFLINE = """
import sys

def refuse(event, args):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname"}:
        raise OSError(f"{event} of {args}")

sys.addaudithook(refuse)
"""


@pytest.fixture
def notebook():
    return nbformat.read(PATH, as_version=nbformat.NO_CONVERT)


@pytest.fixture
def kernel(tmp_path, monkeypatch) -> str:
    """The name of a kernel that is this very interpreter, and leaves nothing behind."""
    argv = [sys.executable, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = tmp_path / "kernels" / "here" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps({"argv": argv, "display_name": "here", "language": "python"}))
    for name in ("JUPYTER_PATH", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path))
    return spec.parent.name


def test_the_notebook_runs_offline_and_shows_tables(notebook, kernel, tmp_path, catalog):
    notebook.cells.insert(0, nbformat.v4.new_code_cell(OFFLINE))
    client = NotebookClient(notebook, kernel_name=kernel, timeout=60, resources={"metadata": {"path": str(tmp_path)}})
    asyncio.run(client.async_execute())

    outputs = {cell.id: cell.outputs for cell in notebook.cells[1:] if cell.cell_type == "code"}
    texts = {(name, output.name) for name, shown in outputs.items() for output in shown if output.output_type == "stream"}
    html = {name: shown[-1].data.get("text/html", "") for name, shown in outputs.items() if shown[-1].output_type == "execute_result"}
    assert texts == {("check", "stdout")}
    assert TABLES == {name for name, shown in html.items() if shown.startswith('<div class="modelmeta">')}
    assert FRAMES == {name for name, shown in html.items() if "<table" in shown} - TABLES
    assert outputs.keys() == TABLES | FRAMES | {"open", "check"}
    assert html["card"] == catalog["anthropic/claude-opus-4-5"]._repr_html_()
    assert f"<caption>0 of {len(catalog):,} models match</caption>" in html["explain"]


def test_the_committed_notebook_is_as_nobody_has_run_it(notebook):
    nbformat.validate(notebook)

    assert (4, 5) == (notebook.nbformat, notebook.nbformat_minor)
    assert {"kernelspec", "language_info"} == notebook.metadata.keys()
    assert {"name": "python"} == notebook.metadata.language_info
    assert all(cell.metadata == {} for cell in notebook.cells)
    assert all((cell.outputs, cell.execution_count) == ([], None) for cell in notebook.cells if cell.cell_type == "code")
