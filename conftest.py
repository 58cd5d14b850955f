"""Every Python block in the README, the docs and the docstrings is run by the tests."""

from __future__ import annotations

import os
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser
from sybil.parsers.rest import DocTestParser as RestDocTestParser

options = ELLIPSIS | NORMALIZE_WHITESPACE
os.environ.setdefault("COLUMNS", "140")

markdown = Sybil(parsers=[PythonCodeBlockParser(doctest_optionflags=options), SkipParser()], patterns=["*.md"])
docstrings = Sybil(parsers=[RestDocTestParser(options)], path="src", patterns=["*.py", "**/*.py"])

pytest_collect_file = (markdown + docstrings).pytest()
