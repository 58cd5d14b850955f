"""What routers ask, as methods of everything that can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Unpack

    from ...records.refs import ModelRef
    from ...records.usage import Usage
    from ..catalog import Catalog
    from ..query import Query, Requirements
    from .chain import FallbackChain
    from .cliff import Cliff
    from .lint import Findings
    from .recommend import Recommendations
    from .room import Headroom
    from .tasks import Weights

__all__ = ["Routing"]


class Routing:
    """The questions a router asks of a catalog."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def catalog(self) -> Catalog:
            """The immutable catalog that answers."""
            ...

    def fallback_chain(
        self,
        ref: str | ModelRef,
        *,
        same_capabilities: bool = True,
        different_provider: bool = True,
        usage: Usage | None = None,
        limit: int | None = None,
    ) -> FallbackChain:
        """Return where to go when the model called *ref* does not answer, nearest first, each with the reasons.

        First come the other offers of the same model, then those of the same model by another date, then models of its family, then any of its
        type that have the same capabilities and at least its context and output. Each of these is ordered by price: what *usage* costs, what
        has no price last. Deprecated models are left out. An offer of the same model may be silent about a capability or a limit, which its
        reasons say; any other model is known to have them.

        >>> from modelmeta import Registry
        >>> chain = Registry().fallback_chain("anthropic/claude-opus-4-8", limit=100)
        >>> chain[0].likeness, "anthropic" in {model.provider_id for model in chain.models}
        ('model', False)

        Args:
            ref: the model to stand in for.
            same_capabilities: whether a fallback has every capability the model is known to have, and for another model its context and output.
                Without it, only what sells the same model or is of its family is in the chain.
            different_provider: whether to leave out the provider of the model, who may be what failed.
            usage: what is asked: what is known not to fit it is left out, and the others are priced by it.
            limit: at most this many.

        Raises:
            ModelNotFoundError: there is no such model.
            AmbiguousModelError: *ref* means several models.
            QueryError: *limit* is no whole number of 0 or more.
            UsageError: *usage* is no Usage.
        """
        from .chain import fallback_chain  # noqa: PLC0415  # what the first answer does not need is imported when it is asked for

        return fallback_chain(
            self.catalog, ref, same_capabilities=same_capabilities, different_provider=different_provider, usage=usage, limit=limit
        )

    def fits(self, ref: str | ModelRef, usage: Usage) -> bool | None:
        """Return whether *usage* is within the limits of the model called *ref*; None where a limit that decides it is unknown.

        The context takes input and output together. :meth:`check` says which limit it is, and of what else may not fit.

        >>> from modelmeta import Registry, Usage
        >>> Registry().fits("anthropic/claude-opus-4-5", Usage(input_tokens=190_000, output_tokens=20_000))
        False

        Raises:
            ModelNotFoundError: there is no such model.
            AmbiguousModelError: *ref* means several models.
            UsageError: *usage* is no Usage.
        """
        from .room import fits  # noqa: PLC0415  # as above

        return fits(self.catalog.get(ref), usage)

    def headroom(self, ref: str | ModelRef, usage: Usage) -> Headroom:
        """Return how many tokens of context, input and output *usage* leaves at the model called *ref*.

        >>> from modelmeta import Registry, Usage
        >>> left = Registry().headroom("anthropic/claude-opus-4-5", Usage(input_tokens=150_000, output_tokens=20_000))
        >>> left.context, left.input, left.output
        (30000, 30000, 30000)

        Raises:
            ModelNotFoundError: there is no such model.
            AmbiguousModelError: *ref* means several models.
            UsageError: *usage* is no Usage.
        """
        from .room import headroom  # noqa: PLC0415  # as above

        return headroom(self.catalog.get(ref), usage)

    def max_output_for(self, ref: str | ModelRef, input_tokens: int) -> int | None:
        """Return how many tokens the model called *ref* can answer to an input of *input_tokens*: the most that ``max_tokens`` may be.

        It is 0 where the input alone is too large, and None where the context or the output limit is unknown.

        >>> from modelmeta import Registry
        >>> Registry().max_output_for("anthropic/claude-opus-4-5", 150_000)
        50000

        Raises:
            ModelNotFoundError: there is no such model.
            AmbiguousModelError: *ref* means several models.
            UsageError: *input_tokens* is no whole number from 0 to 10**18.
        """
        from .room import max_output_for  # noqa: PLC0415  # as above

        return max_output_for(self.catalog.get(ref), input_tokens)

    def cliff(self, ref: str | ModelRef, usage: Usage) -> Cliff | None:
        """Return how near *usage* is to the next price tier of the model called *ref*, and what crossing costs; None where no tier lies ahead.

        A tier bills the whole request, so that one token more can double its price. What the model's limits do not let in is not ahead.

        >>> from modelmeta import Registry, Usage
        >>> print(Registry().cliff("openai/gpt-5.5", Usage(input_tokens=270_000, output_tokens=2_000)))
        2,000 more input tokens fit below the tier of 272,000; crossing it costs 1.39001 USD: 2.81001 instead of 1.42

        Raises:
            ModelNotFoundError: there is no such model.
            AmbiguousModelError: *ref* means several models.
            UsageError: *usage* is no Usage.
        """
        from .cliff import cliff  # noqa: PLC0415  # as above

        return cliff(self.catalog.get(ref), usage)

    def recommend(
        self, task: str | Query | None = None, *, weights: Weights | None = None, limit: int = 10, **criteria: Unpack[Requirements]
    ) -> Recommendations:
        """Return the *limit* models that suit *task* best by published facts, each with what every fact gave it.

        *task* is the name of one (``"agents"``, ``"vision"``, ``"long-context"``, …; see the how-to) or a :class:`Query`; *criteria* are those of
        :meth:`filter`, and count besides. Each fact gives a model a score from 0 to 1: the share of the other candidates that are not better. A
        fact that is unknown gives 0, and is shown as unknown; so is the price at a subscription plan. Deprecated models are left out, as in :meth:`rank`.

        Args:
            task: what the models are for.
            weights: how much each fact counts: ``"price"`` (of ``usage``; less is better), ``"context"``, ``"output"``, ``"date"`` of release, what
                else :meth:`pareto` takes, ``"benchmark:<name>"`` or a :class:`Standard`. By default the task's own.
            limit: at most this many.
            criteria: what else is asked of the models; ``usage`` may be given without ``max_cost``.

        >>> from modelmeta import Registry
        >>> best = Registry().recommend("vision", provider={"anthropic", "openai", "google"}, weights={"price": 2, "date": 1}, limit=3)
        >>> [factor.name for factor in best[0].factors]
        ['price', 'date']

        Raises:
            QueryError: there is no such task, fact or criterion, or a value is one it cannot have.
            MixedBenchmarkError: the benchmark's results do not compare.
        """
        from .recommend import recommend  # noqa: PLC0415  # as above

        asked: Any = {**criteria, "limit": limit}
        return recommend(self.catalog, task, weights=weights, criteria=asked)

    def lint(self) -> Findings:
        """Return what looks wrong in the facts: limits above their whole, prices that jump or are 0 where others pay, dates that cannot be.

        Nothing is corrected and nothing left out anywhere else. Findings are ordered by reference. Every model is read, which takes about a
        second: in a task, ``await asyncio.to_thread(registry.lint)``.

        >>> from modelmeta import Registry
        >>> print(*Registry().lint().counts)
        free_at_paid_provider output_above_context dates_in_disorder impossible_date input_above_context tier_below_base price_jump cache_above_input
        """
        from .lint import lint  # noqa: PLC0415  # as above

        return lint(self.catalog)
