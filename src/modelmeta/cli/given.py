"""What a command is about: the catalog, the store, and what else options name."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import attrs
import click

from ..catalog.catalog import Catalog
from ..errors import SettingsError
from ..registry.catalogs import bundled_catalog, load_catalog
from ..registry.head import Head, open_head
from ..stores.by_url import open_store
from .output import working

if TYPE_CHECKING:
    from ..catalog.policy.policy import Policy
    from ..registry.registry import Registry
    from ..stores.store import Store

__all__ = ["Given", "given_options", "with_catalog", "with_given", "with_registry", "with_store"]

_OPTIONS: dict[str, dict[str, Any]] = {
    "store": {
        "envvar": "MODELMETA_STORE",
        "help": "The store: sqlite:///catalog.db, postgresql://…, redis://… What is asked about models is asked of its newest revision.",
    },
    "source": {"multiple": True, "help": "Ask this address or file what it says now. Repeatable: tried in order."},
    "overlay": {
        "envvar": "MODELMETA_OVERLAYS",
        "multiple": True,
        "type": click.Path(),
        "help": "Read this overlay, a TOML file, besides. Repeatable: later ones count more.",
    },
    "policy": {"envvar": "MODELMETA_POLICY", "type": click.Path(), "help": "Read only what the policy in this TOML file allows."},
    "profile": {"envvar": "MODELMETA_PROFILE", "help": "Take this profile of the policy file."},
}


@attrs.frozen
class Given:
    """What the options of ``given_options`` name, before the command or behind it, or else variables; ``path`` is what ``--catalog`` names."""

    path: str | None
    store: str | None = attrs.field(default=None, repr=False)
    source: tuple[str, ...] = attrs.field(default=(), repr=False)
    overlay: tuple[str, ...] = ()
    policy: str | None = None
    profile: str | None = None
    quiet: bool = False
    """Whether nobody is to see that something takes a while."""

    def __attrs_post_init__(self) -> None:
        if self.profile is not None and self.policy is None:
            message = "a profile is one of a policy file; say which file with --policy, or in MODELMETA_POLICY"
            raise SettingsError(message, key="profile")

    def head(self) -> Head:
        """Return what upstream says there: in a file, in the newest revision of a store, or in what is bundled."""
        if self.path is not None:
            return Head(load_catalog(self.path))
        if self.store is None:
            return Head(bundled_catalog())
        with closing(open_store(self.store)) as store:
            return open_head(store)

    def catalog(self) -> Catalog:
        """Return what is to be read."""
        if self.policy is None and not (self.source or self.overlay):
            return self.head().catalog
        with self.registry() as registry:
            return registry.catalog

    @contextmanager
    def registry(self) -> Iterator[Registry]:
        """Open a registry of what is to be read. What sources say now it reads over the newest revision of the store, and keeps nowhere."""
        from ..registry.registry import Registry  # noqa: PLC0415  # most commands need none
        from ..settings import Settings  # noqa: PLC0415  # as above

        sources = self.source if self.path is None else (self.path,)
        settings = Settings.from_env().replace(auto_refresh=False)
        with (
            closing(self._aside() if sources else open_store(self.store or "memory://")) as store,
            Registry(store=store, source=[*sources] or None, overlays=self.overlay, policy=self.rules(), settings=settings) as registry,
        ):
            if sources:
                with working("Asking the source", quiet=self.quiet):
                    registry.refresh(accept=True)
            yield registry

    def rules(self) -> Policy | None:
        """Return the policy, None where none is named."""
        if self.policy is None:
            return None
        from ..catalog.policy.policy import Policy  # noqa: PLC0415  # as above

        return Policy.load(self.policy, profile=self.profile)

    def needed_store(self, reason: str) -> str:
        """Return the address of the store, which is needed for a *reason*.

        Raises:
            SettingsError: nobody said which.
        """
        if self.store is None:
            message = f"{reason}; say which with --store, or in MODELMETA_STORE"
            raise SettingsError(message, key="store")
        return self.store

    def _aside(self) -> Store:
        """Return a store in memory that has the newest revision of the store that is named, and what else it keeps beside revisions."""
        from ..stores.memory import MemoryStore  # noqa: PLC0415  # as above

        aside = MemoryStore()
        if self.store is not None and self.path is None:
            with closing(open_store(self.store)) as store:
                if loaded := store.load():
                    aside.commit(*loaded, (), base=None)
                for kind in store.kinds():
                    for key, text in store.entries(kind).items():
                        aside.swap(kind, key, None, text)
        return aside


def given_options(*names: str, behind: bool = False) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return what gives a command the options of *names*, or else all; *behind* a command they read no variables, for those before it do."""

    def give(command: Callable[..., None]) -> Callable[..., None]:
        for name in reversed(names or tuple(_OPTIONS)):
            said = {key: value for key, value in _OPTIONS[name].items() if not (behind and key == "envvar")}
            command = click.option(f"--{name}", f"given_{name}", show_envvar=not behind, **said)(command)
        return command

    return give


def with_given(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return what gives a command the options of *names*, or else all, and calls it with what is given."""

    def give(command: Callable[..., None]) -> Callable[..., None]:
        @given_options(*names, behind=True)
        @click.pass_context
        @functools.wraps(command)
        def called(ctx: click.Context, /, *args: Any, **options: Any) -> None:
            before = ctx.find_root().params
            behind = {name: options.pop(f"given_{name}", None) for name in _OPTIONS}
            said = {name: before[f"given_{name}"] if value in {None, ()} else value for name, value in behind.items()}
            command(Given(before["path"], **said, quiet=options.get("as_json", False)), *args, **options)

        return called

    return give


def with_catalog(command: Callable[..., None]) -> Callable[..., None]:
    """Give *command* all options, and call it with the catalog to read."""

    @functools.wraps(command)
    def called(given: Given, /, *args: Any, **options: Any) -> None:
        command(given.catalog(), *args, **options)

    return with_given()(called)


def with_registry(command: Callable[..., None]) -> Callable[..., None]:
    """Give *command* all options, and call it with a registry of what is to be read."""

    @functools.wraps(command)
    def called(given: Given, /, *args: Any, **options: Any) -> None:
        with given.registry() as registry:
            command(registry, *args, **options)

    return with_given()(called)


def with_store(command: Callable[..., None]) -> Callable[..., None]:
    """Give *command* the option ``--store``, and call it with the address of the store."""

    @functools.wraps(command)
    def called(given: Given, /, *args: Any, **options: Any) -> None:
        command(given.needed_store("this command is about a store"), *args, **options)

    return with_given("store")(called)
