"""What a program asks of the catalog before it calls a model: whether it can, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ..records.model import Model
    from ..records.refs import ModelRef
    from .availability import Availability
    from .catalog import Catalog
    from .runtime import Runtime

__all__ = ["Calling"]


class Calling:
    """The questions about calling a model that a catalog answers. Nothing is called."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def catalog(self) -> Catalog:
            """The immutable catalog that answers."""
            ...

        def get(self, ref: str | ModelRef) -> Model:
            """Return the model called *ref*."""
            ...

    def available(self, env: Mapping[str, str] | Collection[str] | None = None) -> Availability:
        """Return which providers can be called with the variables that are set, and what is missing for the others.

        >>> from modelmeta import Registry
        >>> available = Registry().available({"OPENAI_API_KEY": "sk-…", "ANTHROPIC_API_KEY": ""})
        >>> [provider.id for provider in available.providers], available.missing["anthropic"]
        (['openai'], ('ANTHROPIC_API_KEY',))

        Args:
            env: the variables, by default ``os.environ`` as it is now; or only the names of those that are set. An empty one counts as not
                set. Values are not kept.

        Raises:
            QueryError: *env* is neither.
        """
        from .availability import availability  # noqa: PLC0415  # the first answer needs none of it

        return availability(self.catalog, env)

    def runtime(self, ref: str | ModelRef, *, mode: str | None = None) -> Runtime:
        """Return how the model called *ref* is called, as far as the data say: where, by which protocol, with which variables and headers.

        >>> from modelmeta import Registry
        >>> runtime = Registry().runtime("openrouter/anthropic/claude-opus-4.5")
        >>> runtime.base_url, runtime.model, runtime.protocol, runtime.env
        ('https://openrouter.ai/api/v1', 'anthropic/claude-opus-4.5', 'openai', ('OPENROUTER_API_KEY',))

        Args:
            ref: the model.
            mode: one of its modes (``"fast"``), whose own headers and fields then count.

        Raises:
            ModelNotFoundError: there is no such model.
            UnknownModeError: the model has no such mode.
        """
        from .runtime import runtime_of  # noqa: PLC0415  # as above

        model = self.get(ref)
        return runtime_of(self.catalog.sellers[model.provider_id], model, mode)
