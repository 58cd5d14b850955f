"""The tools: each asks the catalog one question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from ..catalog.query import Query
from .answers import Compared, Found, Known, Offer, Pick, Picked, Priced, Sold, Summary
from .questions import Filters, Limit, Offset, Ref, Text, Workload

if TYPE_CHECKING:
    from ..catalog.reading import Reading
    from ..records.usage import Usage

__all__ = ["Tools"]


class Tools:
    """The questions of agents, to a catalog or a registry. What is told of a tool is its docstring."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def search(self, text: Text | None = None, filters: Filters | None = None, limit: Limit = 20, offset: Offset = 0) -> Found:
        """Find LLM models by words of their id, name, family or provider, however spelt, best first; without text, list all that meet the filters."""
        catalog, query = self._reading.catalog, _query(filters)
        if text is None:
            models = catalog.filter(query)
            page, total = [*models[offset : offset + limit]], len(models)
            more = total > offset + limit
        else:
            hits = catalog.search(text, query, limit=limit + 1, offset=offset)
            page, total = [hit.model for hit in hits[:limit]], None
            more = len(hits) > limit
        return Found(models=[Summary.of(model) for model in page], total=total, next_offset=_next(offset, limit, more=more))

    def get(self, model: Ref) -> Known:
        """Return everything known of one LLM model: limits, prices with tiers, capabilities, dates, and its provider with API base URL and key variables."""
        catalog = self._reading.catalog
        found = catalog.get(model)
        return Known.about(found, catalog.provider(found.provider_id))

    def compare(self, models: Annotated[list[Ref], Field(min_length=2, max_length=10)], workload: Workload | None = None) -> Compared:
        """Compare 2 to 10 LLM models fact by fact, with a workload also by what it costs."""
        return Compared.of(self._reading.compare(*models, usage=_usage(workload)))

    def price(
        self,
        model: Ref,
        workload: Workload,
        mode: Annotated[Text | None, Field(description='Bill by this mode of the model, such as "fast".')] = None,
    ) -> Priced:
        """Price a workload at one LLM model, line by line, exactly, tiers included."""
        return Priced.of(self._reading.price(model, workload.usage(), mode=mode))

    def select(
        self,
        filters: Filters | None = None,
        prefer: Annotated[
            Text, Field(description="cheapest (for the workload, or 1,000 tokens in and out), largest_context, newest or benchmark:<name>")
        ] = "cheapest",
        workload: Workload | None = None,
        limit: Limit = 5,
        offset: Offset = 0,
    ) -> Picked:
        """Choose LLM models: those that meet the filters, best first. Deprecated ones are left out unless a status asks for them.

        Where none meets them, the error says which filter excludes how many, and which models come nearest.
        """
        catalog, query = self._reading.catalog, _query(filters)
        priced: Any = {} if workload is None else {"usage": workload.usage()}
        ranking = catalog.rank(query, prefer=prefer, **priced)
        if not ranking:
            catalog.select(query, prefer=prefer)
        picks = [
            Pick.of(ranked.model, value=None if ranked.value is None else str(ranked.value), total=ranked.quote and ranked.quote.total)
            for ranked in ranking[offset : offset + limit]
        ]
        return Picked(by=ranking.by, models=picks, total=len(ranking), next_offset=_next(offset, limit, more=len(ranking) > offset + limit))

    def offerings(self, model: Ref, workload: Workload | None = None, limit: Limit = 20, offset: Offset = 0) -> Sold:
        """List every provider that sells the same LLM model, cheapest first: by input and output price, or by what a workload costs."""
        offers = self._reading.offerings(model, usage=_usage(workload))
        page = [
            Offer.of(offer.model, variants=list(offer.variants), total=offer.quote and offer.quote.total)
            for offer in offers[offset : offset + limit]
        ]
        return Sold(offers=page, total=len(offers), next_offset=_next(offset, limit, more=len(offers) > offset + limit))


def _query(filters: Filters | None) -> Query:
    return Query() if filters is None else filters.query()


def _usage(workload: Workload | None) -> Usage | None:
    return None if workload is None else workload.usage()


def _next(offset: int, limit: int, *, more: bool) -> int | None:
    return offset + limit if more else None
