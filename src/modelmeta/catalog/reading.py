"""Everything that can be read, written once for catalogs and registries."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, TypeVar, overload

from ..errors import AmbiguousModelError, InvalidRefError, ModelNotFoundError, ProviderNotFoundError, QueryError
from ..records.refs import ModelRef
from .calling import Calling
from .routing.routing import Routing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Unpack

    from ..records.lab import Benchmark, LabModel
    from ..records.model import Model
    from ..records.problem import Problem
    from ..records.provider import Provider
    from ..records.usage import Usage
    from ..records.vocabulary import Capability, KnownModality
    from .catalog import Catalog
    from .checking import Misfit
    from .compare import Comparison
    from .diff import ChangeSet
    from .explain import Explanation
    from .leaderboard import Leaderboard, Standard
    from .model_list import ModelList
    from .naming.resolve import Resolution
    from .offerings import Offerings
    from .pareto import ParetoFront
    from .price import Quote
    from .query import Criteria, Query, Requirements
    from .ranking import Preference, Ranking
    from .searching.search import Hits
    from .stats import Stats

__all__ = ["Reading"]

Default = TypeVar("Default")


class _Required:
    """Stands for "no default given"."""


_REQUIRED = _Required()


class Reading(Calling, Routing):
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

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return all models as an Arrow C stream, by which duckdb, pandas, polars, pyarrow and others read them; see ``ModelList.to_arrow``."""
        return self.models().__arrow_c_stream__(requested_schema)

    @overload
    def get(self, ref: str | ModelRef) -> Model: ...
    @overload
    def get(self, ref: str | ModelRef, default: Default) -> Model | Default: ...
    def get(self, ref: str | ModelRef, default: Default | _Required = _REQUIRED) -> Model | Default:
        """Return the model called *ref*, as in ``"anthropic/claude-opus-4-5"``, or *default* where one is given and there is none.

        What is no exact reference may be another spelling of one, as in :meth:`resolve`; it must mean exactly one model.

        Raises:
            ModelNotFoundError: there is no such model and no *default*; the error's ``suggestions`` are the nearest references.
            AmbiguousModelError: *ref* means several models and there is no *default*; the error's ``candidates`` are their references.
            InvalidRefError: *ref* is no text, or empty.
        """
        catalog = self.catalog
        try:
            return catalog.at(catalog.rows[ref])  # type: ignore[index]  # pyright: ignore[reportArgumentType]  # a ModelRef is no key here: it takes the way below
        except (KeyError, TypeError):
            name = _name(ref, "a model reference", "openai/gpt-5.5")
        if name in catalog.rows:
            return catalog.at(catalog.rows[name])
        if isinstance(default, _Required):
            return catalog.names.resolve(name).model
        try:
            return catalog.names.resolve(name, suggest=False).model
        except (AmbiguousModelError, ModelNotFoundError):
            return default

    def resolve(self, text: str | ModelRef, *, prefer: str | Collection[str] = ()) -> Resolution:
        """Return the model *text* means, how it was matched, and every model it could mean.

        Understood are ``provider/model``, ``provider:model`` and ``model@provider``; ids without a provider; canonical ids (``lab/model``);
        other capitals and separators (``Claude-Opus-4.5``); ids with or without the ``lab/`` prefix of aggregators, the region prefix and version
        suffix of Bedrock, a date at their end; and LiteLLM's names of providers (``vertex_ai/…``). Nothing is guessed from what merely looks
        alike, and a suffix that makes another offer (``:free``, ``-fp8``) is part of the name. *prefer* are provider ids, best first, that
        settle what several providers sell.

        >>> from modelmeta import Registry
        >>> resolution = Registry().resolve("bedrock/us.anthropic.claude-opus-4-5-20251101-v1:0")
        >>> str(resolution.model.ref), resolution.match
        ('amazon-bedrock/us.anthropic.claude-opus-4-5-20251101-v1:0', 'alias')

        Raises:
            ModelNotFoundError: it means none; the error's ``suggestions`` are the nearest references.
            AmbiguousModelError: it means several that *prefer* does not settle; the error's ``candidates`` have the lab's own first.
            InvalidRefError: *text* or a provider of *prefer* is no text, or empty.
        """
        providers = (prefer,) if isinstance(prefer, str) or not isinstance(prefer, Collection) else prefer
        preferred = tuple([_name(provider, "a provider to prefer", "openai") for provider in providers])
        return self.catalog.names.resolve(_name(text, "a model's name", "openai/gpt-5.5"), prefer=preferred)

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
        from .nearest import did_you_mean, nearest  # noqa: PLC0415  # only a miss needs them

        suggestions = nearest(name, providers)
        message = f"no provider has the id {name!r}{did_you_mean(suggestions)}"
        raise ProviderNotFoundError(message, provider_id=name, suggestions=suggestions)

    def providers(self) -> tuple[Provider, ...]:
        """Return all providers, ordered by id."""
        return tuple(self.catalog.sellers.values())

    def models(self, provider: str | None = None) -> ModelList:
        """Return all models, or those of one provider, ordered by reference.

        Raises:
            ProviderNotFoundError: there is no such provider.
        """
        catalog = self.catalog
        return catalog.filter() if provider is None else catalog.filter(provider=catalog.provider(provider).id)

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

    def search(
        self, text: str, *capabilities: Capability | str | Query, limit: int = 20, offset: int = 0, **criteria: Unpack[Requirements]
    ) -> Hits:
        """Return the models whose id, name, family or provider *text* describes, best first, at most *limit*, of those :meth:`filter` returns.

        Words may be misspelt, run together or in any order. A better match is never outranked by a cheaper or newer model. A query's own
        ``limit`` and ``offset`` do not count here, and there is no ``sort``.

        >>> from modelmeta import Registry
        >>> str(Registry().search("sonet 4.5")[0].model.ref)
        'anthropic/claude-sonnet-4-5'

        Raises:
            QueryError: *text* is no text, *limit* no whole number, or a criterion is wrong.
        """
        from .candidates import unpaged  # noqa: PLC0415  # what the first answer does not need is imported when it is asked for

        names, asked, _ = unpaged(capabilities, criteria)
        catalog = self.catalog
        within = catalog.filter(*names, **asked) if names or asked else None
        return catalog.searching(text, limit=limit, offset=offset, within=within)

    def explain(self, *capabilities: Capability | str | Query, near: int = 5, **criteria: Unpack[Criteria]) -> Explanation:
        """Return why models do or do not meet a query: how many pass, fail and are unknown at each criterion, and the *near* nearest misses.

        Takes what :meth:`filter` takes; ``sort``, ``limit`` and ``offset`` change nothing, nor does ``usage`` without ``max_cost``.

        Raises:
            QueryError: a criterion that does not exist, or a value it cannot have.
        """
        from .explain import explain_query  # noqa: PLC0415  # what the first answer does not need is imported when it is asked for
        from .query import as_query  # noqa: PLC0415  # as above

        if "max_cost" not in criteria:
            criteria.pop("usage", None)
        return explain_query(self.catalog, as_query(capabilities, criteria), near=near)

    def rank(self, *capabilities: Capability | str | Query, prefer: Preference = "cheapest", **criteria: Unpack[Criteria]) -> Ranking:
        """Return the models that meet a query in the order of *prefer*, each with its quote for ``usage``.

        Takes what :meth:`filter` takes; ``usage`` may be given without ``max_cost``. Deprecated models are left out unless ``status`` or
        ``exclude_deprecated`` asks for them. *prefer* is ``"cheapest"`` (by the total of ``usage``, or of 1,000 tokens in and 1,000 out),
        ``"largest_context"``, ``"newest"``, ``"benchmark:<name>"`` or a :class:`Standard` (highest first), or a function of a model (lowest
        first). Models for which that is unknown, such as those without a price, come last; ties are in the order of references.

        Raises:
            QueryError: a criterion or preference that does not exist, or a value it cannot have.
            MixedBenchmarkError: the benchmark's results do not compare.
        """
        return self.catalog.ranking.rank(capabilities, criteria, prefer)

    def select(self, *capabilities: Capability | str | Query, prefer: Preference = "cheapest", **criteria: Unpack[Criteria]) -> Model:
        """Return the first model of :meth:`rank`.

        >>> from modelmeta import Registry, Usage
        >>> usage = Usage(input_tokens=300_000, output_tokens=2_000)
        >>> str(Registry().select("tool_call", "vision", provider={"openai", "anthropic"}, min_context=1_000_000, usage=usage).ref)
        'openai/gpt-6-luna'

        Raises:
            NoMatchError: no model meets the query; the error's ``explanation`` says why, and so does its text.
            QueryError: as in :meth:`rank`.
        """
        return self.catalog.ranking.select(capabilities, criteria, prefer)

    def pareto(
        self, *capabilities: Capability | str | Query, x: str | Standard, y: str | Standard, **criteria: Unpack[Criteria]
    ) -> ParetoFront:
        """Return the models that meet a query and that no other beats in both *x* and *y*.

        Takes what :meth:`rank` takes. *x* and *y* are ``"price"`` (of ``usage``; less is better), ``"context"``, ``"output"``, ``"date"`` of
        release, ``"benchmark:<name>"`` or a :class:`Standard` (more is better), or a field such as ``"cost.output"`` or ``"knowledge"``. Models for
        which either is unknown are left out and counted.

        Raises:
            QueryError: a criterion or axis that does not exist, or a value it cannot have.
            MixedBenchmarkError: the benchmark's results do not compare.
        """
        from .pareto import pareto_front  # noqa: PLC0415  # as above

        return pareto_front(self.catalog, capabilities, criteria, x, y)

    def offerings(self, ref: str | ModelRef, *, usage: Usage | None = None) -> Offerings:
        """Return every offer of the same underlying model, whoever sells it, cheapest first: by input and output price, or by what *usage* costs.

        *ref* may also be a canonical id (``"anthropic/claude-opus-4-5"``) or a bare id whose candidates are all the same model. Each offer says by
        what evidence it is the same, and marks what sets it apart (``free``, ``fp8``, a region, a moving alias).

        Raises:
            ModelNotFoundError: there is no such model.
            AmbiguousModelError: *ref* means several different models.
        """
        return self.catalog.offers.of(_name(ref, "a model reference", "openai/gpt-5.5"), usage)

    def benchmarks(self, ref: str | ModelRef) -> tuple[Benchmark, ...]:
        """Return the published results of the model *ref* sells, in upstream's order. Only models.json and catalog.json hold any.

        *ref* may also be the id of a lab model that nobody sells.

        Raises:
            ModelNotFoundError: there is no such model.
            AmbiguousModelError: *ref* means several models.
        """
        from .leaderboard import results_of  # noqa: PLC0415  # as above

        return results_of(self.catalog, _name(ref, "a model reference", "openai/gpt-5.5"))

    def leaderboard(self, benchmark: str | Standard, *capabilities: Capability | str | Query, **criteria: Unpack[Criteria]) -> Leaderboard:
        """Return the published results of *benchmark*, highest first; with criteria as in :meth:`filter`, those that a matching model sells.

        Results compare only where name, metric, harness and version agree. A name alone will do where they all do; else say which with a
        :class:`Standard`. Scores that are text are kept apart. ``limit`` and ``offset`` cut the list; ``sort`` is refused, for it has its order.

        Raises:
            UnknownBenchmarkError: there is no result of that name; the error's ``suggestions`` are the nearest names.
            MixedBenchmarkError: there are results that do not compare; the error's ``standards`` are those to choose from.
            QueryError: a criterion that does not exist, or a value it cannot have.
        """
        from .leaderboard import standings  # noqa: PLC0415  # as above

        return standings(self.catalog, benchmark, capabilities, criteria)

    def check(
        self,
        ref: str | ModelRef,
        *,
        usage: Usage | None = None,
        capabilities: Capability | str | Collection[Capability | str] = (),
        input: KnownModality | str | Collection[KnownModality | str] = (),
        output: KnownModality | str | Collection[KnownModality | str] = (),
        max_output: int | None = None,
        reasoning_effort: str | None = None,
        reasoning_budget: int | None = None,
    ) -> tuple[Misfit, ...]:
        """Return every way in which a request does not fit the model called *ref*; nothing when it fits.

        Args:
            ref: the model.
            usage: the tokens the request takes, against the model's limits.
            capabilities: what it needs (``"tool_call"``, ``"structured_output"``, …).
            input: the modalities it sends.
            output: the modalities it expects.
            max_output: the ``max_tokens`` it sets.
            reasoning_effort: the effort it asks for (``"low"``, ``"high"``, …), against ``reasoning_options``; ``"none"`` asks for no reasoning.
            reasoning_budget: the reasoning tokens it allows, fewer than *max_output*; 0 asks for no reasoning, -1 lets the model decide.

        Raises:
            ModelNotFoundError: there is no such model.
            QueryError: a value that cannot be asked, or a modality nobody knows.
        """
        from .checking import check_request  # noqa: PLC0415  # as above

        return check_request(
            self.get(ref),
            usage=usage,
            capabilities=capabilities,
            input=input,
            output=output,
            max_output=max_output,
            reasoning_effort=reasoning_effort,
            reasoning_budget=reasoning_budget,
        )

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
            AmbiguousModelError: one of them means several models.
        """
        from .compare import compare_models  # noqa: PLC0415  # as above

        catalog = self.catalog
        found: dict[ModelRef, Model] = {}
        missing: dict[str, ModelNotFoundError] = {}
        for ref in refs:
            try:
                model = catalog.get(ref)
                found[model.ref] = model
            except ModelNotFoundError as error:
                missing[error.ref] = error
        if len(found) + len(missing) < 2:  # noqa: PLR2004  # two make a comparison
            message = f"a comparison needs two different references or more, not {', '.join(map(str, (*found, *missing))) or 'none'}"
            raise QueryError(message, criterion="refs", value=refs)
        if not found:
            raise next(iter(missing.values()))
        return compare_models(tuple(found.values()), missing=tuple(missing), usage=usage)

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
