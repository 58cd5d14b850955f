"""Everything that can be read, written once for catalogs and registries."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, overload

from ..errors import InvalidRefError, ModelNotFoundError, ProviderNotFoundError, QueryError
from ..records.refs import ModelRef
from .nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Unpack

    from ..records.lab import LabModel
    from ..records.model import Model
    from ..records.problem import Problem
    from ..records.provider import Provider
    from ..records.usage import Usage
    from ..records.vocabulary import Capability
    from .catalog import Catalog
    from .compare import Comparison
    from .diff import ChangeSet
    from .model_list import ModelList
    from .price import Quote
    from .query import Criteria, Query
    from .stats import Stats

__all__ = ["Reading"]

Default = TypeVar("Default")


class _Required:
    """Stands for "no default given"."""


_REQUIRED = _Required()


class Reading:
    """The questions a catalog answers. All of them are plain calls that touch neither disk nor network, safe from any thread or task."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def catalog(self) -> Catalog:
            """The immutable catalog that answers; hold on to it to ask several questions of the same facts."""
            ...

    def __len__(self) -> int:
        return len(self.catalog.content.refs)

    def __iter__(self) -> Iterator[Model]:
        return iter(self.models())

    def __contains__(self, ref: object) -> bool:
        return isinstance(ref, (str, ModelRef)) and str(ref) in self.catalog.rows

    def __getitem__(self, ref: str | ModelRef) -> Model:
        return self.get(ref)

    @overload
    def get(self, ref: str | ModelRef) -> Model: ...
    @overload
    def get(self, ref: str | ModelRef, default: Default) -> Model | Default: ...
    def get(self, ref: str | ModelRef, default: Default | _Required = _REQUIRED) -> Model | Default:
        """Return the model called *ref*, as in ``"anthropic/claude-opus-4-5"``, or *default* where one is given and there is none.

        Raises:
            ModelNotFoundError: there is no such model and no *default*; the error's ``suggestions`` are the nearest references.
            InvalidRefError: *ref* is no text, or empty.
        """
        catalog = self.catalog
        try:
            return catalog.at(catalog.rows[ref])  # type: ignore[index]  # pyright: ignore[reportArgumentType]  # a ModelRef is no key here: it takes the way below
        except (KeyError, TypeError):
            name = _name(ref, "a model reference", "openai/gpt-5.5")
        if name in catalog.rows:
            return catalog.at(catalog.rows[name])
        if not isinstance(default, _Required):
            return default
        suggestions = nearest(name, catalog.rows, first={*catalog.column("canonical_model_id").values})
        message = f"no model is called {name!r}{_did_you_mean(suggestions)}"
        raise ModelNotFoundError(message, ref=name, suggestions=suggestions)

    def provider(self, provider_id: str) -> Provider:
        """Return the provider with this id.

        Raises:
            ProviderNotFoundError: there is none; the error's ``suggestions`` are the nearest ids.
            InvalidRefError: *provider_id* is no text, or empty.
        """
        name = _name(provider_id, "a provider id", "openai")
        providers = self.catalog.sellers
        if name in providers:
            return providers[name]
        suggestions = nearest(name, providers)
        message = f"no provider has the id {name!r}{_did_you_mean(suggestions)}"
        raise ProviderNotFoundError(message, provider_id=name, suggestions=suggestions)

    def providers(self) -> tuple[Provider, ...]:
        """Return all providers, ordered by id."""
        return tuple(self.catalog.sellers.values())

    def models(self, provider: str | None = None) -> ModelList:
        """Return all models, or those of one provider, ordered by reference.

        Raises:
            ProviderNotFoundError: there is no such provider.
        """
        return self.filter() if provider is None else self.filter(provider=self.provider(provider).id)

    @property
    def lab_models(self) -> tuple[LabModel, ...]:
        """What labs say about their models whoever sells them, ordered by id. Only models.json and catalog.json hold it."""
        return tuple(self.catalog.labs.values())

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What the document held that could not be read, or reads oddly, ordered by path."""
        return self.catalog.content.problems()

    def filter(self, *capabilities: Capability | str | Query, **criteria: Unpack[Criteria]) -> ModelList:
        """Return the models that have all *capabilities* and meet all *criteria*, ordered by reference unless ``sort`` says otherwise.

        *capabilities* may begin with a :class:`Query`, which the others then add to. A criterion about something unknown fails, unless
        ``unknown`` says otherwise. See :class:`Criteria` for all of them.

        >>> from modelmeta import Registry
        >>> Registry().filter("tool_call", provider="openai", min_context=1_000_000, sort="cost.input").first().id
        'gpt-4.1-nano'

        Raises:
            QueryError: a criterion that does not exist, or a value it cannot have.
            UnknownCapabilityError: a capability that does not exist.
        """
        return self.catalog.matching(capabilities, criteria)

    def price(self, ref: str | ModelRef, usage: Usage, *, mode: str | None = None) -> Quote:
        """Return what *usage* costs at the model called *ref*, exactly.

        A part of the usage without a rate of its own is billed at the rate of its whole: cached and audio input as input, reasoning and audio
        output as output. When the input is larger than a tier's size, the largest such tier bills the whole request. *mode* (``"fast"``)
        bills by that mode's own table, if it has one. A rate missing in a tier or a mode falls back within it, never to the base table.

        >>> from modelmeta import Registry, Usage
        >>> Registry().price("openai/gpt-5.5", Usage(input_tokens=300_000, output_tokens=2_000)).total
        Decimal('3.090000')

        Raises:
            ModelNotFoundError: there is no such model.
            UnknownModeError: the model has no such mode.
            UsageError: *usage* is no Usage.
        """
        from .price import quote  # noqa: PLC0415  # what the first answer does not need is imported when it is asked for

        return quote(self.get(ref), usage, mode=mode)

    def compare(self, *refs: str | ModelRef, usage: Usage | None = None) -> Comparison:
        """Return models side by side, each once, in the order given; with *usage*, also what that workload costs at each.

        A reference nothing is known of is listed in ``missing``.

        Raises:
            QueryError: there are fewer than two different references.
            ModelNotFoundError: none of them is known.
        """
        from .compare import compare_models  # noqa: PLC0415  # as above

        names = list(dict.fromkeys(_name(ref, "a model reference", "openai/gpt-5.5") for ref in refs))
        if len(names) < 2:  # noqa: PLR2004  # two make a comparison
            message = f"a comparison needs two different references or more, not {', '.join(names) or 'none'}"
            raise QueryError(message, criterion="refs", value=refs)
        models = [model for model in (self.get(name, None) for name in names) if model is not None]
        if not models:
            self.get(names[0])
        return compare_models(models, missing=[name for name in names if name not in self], usage=usage)

    def stats(self) -> Stats:
        """Return the catalog in numbers: counts by provider, type, status and price state; how context and prices are spread."""
        from .stats import catalog_stats  # noqa: PLC0415  # as above

        return catalog_stats(self.catalog)

    def diff(self, other: Reading) -> ChangeSet:
        """Return what changes from this catalog to *other*: models added, removed and changed, field by field."""
        from .diff import compare_catalogs  # noqa: PLC0415  # as above

        if not isinstance(other, Reading):
            message = f"a catalog is compared with another catalog or registry, not {other!r}"
            raise QueryError(message, criterion="other", value=other)
        return compare_catalogs(self.catalog, other.catalog)


def _name(value: object, what: str, example: str) -> str:
    name = str(value) if isinstance(value, ModelRef) else value
    if isinstance(name, str) and name:
        return name
    message = f"{what} is text like {example!r}, not {value!r}"
    raise InvalidRefError(message, value=value)


def _did_you_mean(suggestions: list[str]) -> str:
    return f"; did you mean {', '.join(suggestions)}?" if suggestions else ""
