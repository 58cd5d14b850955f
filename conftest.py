"""Every Python block in the README, the docs and the docstrings is run by the tests; an ``output`` block is what the one before it prints."""

from __future__ import annotations

import os
from contextlib import redirect_stdout
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker
from io import StringIO

from sybil import Example, Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser
from sybil.parsers.rest import DocTestParser as RestDocTestParser

options = ELLIPSIS | NORMALIZE_WHITESPACE
os.environ.setdefault("COLUMNS", "140")


def run(example: Example) -> None:
    """Run a block without prompts, and remember what it prints."""
    with redirect_stdout(StringIO()) as printed:
        PythonEvaluator()(example)
    example.namespace["printed"] = printed.getvalue()


def compare(example: Example) -> str | None:
    """Return what is wrong with an ``output`` block."""
    printed = example.namespace["printed"]
    right = OutputChecker().check_output(example.parsed, printed, options)
    return None if right else f"the page says:\n{example.parsed}\nbut printed was:\n{printed}"


blocks = PythonCodeBlockParser(doctest_optionflags=options)
blocks.codeblock_parser = CodeBlockParser("python", run)
markdown = Sybil(parsers=[blocks, CodeBlockParser("output", compare), SkipParser()], patterns=["*.md"])
docstrings = Sybil(parsers=[RestDocTestParser(options)], path="src", patterns=["*.py", "**/*.py"])

pytest_collect_file = (markdown + docstrings).pytest()
