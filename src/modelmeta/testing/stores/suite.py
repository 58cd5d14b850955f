"""The tests of the ``Store`` protocol, put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import ClassVar

import pytest

from ...stores.store import Store
from .entries import Entries
from .history import History
from .ledger import Ledger
from .machine import Anything
from .own import Own
from .revisions import Revisions
from .runs import Runs
from .sharing import Sharing

__all__ = ["StoreSuite"]


class StoreSuite(Revisions, History, Runs, Own, Entries, Ledger, Sharing, Anything):
    """Every test of the ``Store`` protocol, run by pytest for each subclass. One says how its store is opened.

    ::

        class TestFolderStore(StoreSuite):
            @pytest.fixture
            def open_store(self, tmp_path):
                return lambda name: FolderStore(tmp_path / name)

    ``open_store`` returns a function that opens the store of a name (letters, digits and underscores): an empty one at first, and each time
    after that another object on the same data. Where data end with the object (``lasts = False``) it returns an empty store every time.
    """

    lasts: ClassVar[bool] = True
    """Whether what a store keeps is there when it is opened again, and may be opened twice at the same time."""

    @pytest.fixture
    def open_store(self) -> Callable[[str], Store]:
        """Return what opens the store of a name."""
        message = f"{type(self).__name__} needs a fixture open_store, which returns a function from a name to the store of that name"
        raise NotImplementedError(message)

    @pytest.fixture
    def store(self, open_store: Callable[[str], Store]) -> Iterator[Store]:
        """A new store."""
        with closing(open_store("store")) as store:
            yield store

    @pytest.fixture
    def other(self, open_store: Callable[[str], Store], store: Store) -> Iterator[Store]:
        """The same store, opened a second time where that can be."""
        if not self.lasts:
            yield store
            return
        with closing(open_store("store")) as other:
            yield other

    @pytest.fixture
    def reopen(self, open_store: Callable[[str], Store]) -> Iterator[Callable[[Store], Store]]:
        """Return what closes the new store and opens it again, where it lasts."""
        with ExitStack() as opened:

            def reopen(store: Store) -> Store:
                if not self.lasts:
                    return store
                store.close()
                return opened.enter_context(closing(open_store("store")))

            yield reopen
