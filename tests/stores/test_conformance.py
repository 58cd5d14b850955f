"""Every store passes every test of the protocol."""

from __future__ import annotations

import pytest

from modelmeta.stores.memory import MemoryStore
from modelmeta.testing import StoreSuite


class TestMemoryStore(StoreSuite):
    """What a process keeps while it lives."""

    lasts = False

    @pytest.fixture
    def open_store(self):
        """Return what opens an empty store."""
        return lambda _: MemoryStore()
