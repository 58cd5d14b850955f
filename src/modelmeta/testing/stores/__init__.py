"""Every test of the ``Store`` protocol, for pytest: ``suite.py`` puts them together."""

import pytest

__all__ = ()

_TESTS = ("entries", "history", "ledger", "machine", "own", "revisions", "runs", "samples", "sharing")
pytest.register_assert_rewrite(*(f"{__name__}.{name}" for name in _TESTS))  # a failed assert then says what was compared
