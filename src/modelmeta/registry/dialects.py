"""Layers made of what others publish, placed among the models of a catalog."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import MissingExtraError
from .catalogs import bundled_catalog, read_file

if TYPE_CHECKING:
    from datetime import date

    from ..catalog.naming.placing import Places
    from ..catalog.reading import Reading
    from ..codec.dialects.dialect import ForeignLayer

__all__ = ["genai_prices_layer", "litellm_layer", "openrouter_layer"]

Given: TypeAlias = "str | os.PathLike[str] | bytes | Mapping[str, Any] | list[Any]"
"""A path, bytes (gzipped or not), or what JSON parses to."""

_COST_MAP = "model_prices_and_context_window_backup.json"


def litellm_layer(source: Given | None = None, *, catalog: Reading | None = None, wins: bool = False) -> ForeignLayer:
    """Return what LiteLLM's cost map says, as a layer for ``Registry(overlays=…)``. Neither LiteLLM nor the network is used.

    Args:
        source: a cost map, such as ``litellm.model_cost``; without it the one in the installed package.
        catalog: the catalog or registry whose models the rows are matched with; without it the bundled one.
        wins: whether the layer counts where upstream says something else.

    Raises:
        MissingExtraError: there is no *source*, and LiteLLM is not installed.
        SourceError: *source* cannot be read.
        DecodeError: it is no cost map.
    """
    from ..codec.dialects.litellm import read_litellm  # noqa: PLC0415  # brings in cattrs

    given = _cost_map() if source is None else source
    return read_litellm(_tree(given), _places(catalog), wins=wins, source=_name(source))


def openrouter_layer(source: Given, *, catalog: Reading | None = None, wins: bool = False) -> ForeignLayer:
    """Return what OpenRouter's list of models says, as a layer for ``Registry(overlays=…)``.

    Args:
        source: what ``https://openrouter.ai/api/v1/models`` answered.
        catalog: the catalog or registry whose models the rows are matched with; without it the bundled one.
        wins: whether the layer counts where upstream says something else.

    Raises:
        SourceError: *source* cannot be read.
        DecodeError: it is no such list.
    """
    from ..codec.dialects.openrouter import read_openrouter  # noqa: PLC0415  # brings in cattrs

    return read_openrouter(_tree(source), _places(catalog), wins=wins, source=_name(source))


def genai_prices_layer(
    source: Given | None = None, *, catalog: Reading | None = None, day: date | None = None, wins: bool = False
) -> ForeignLayer:
    """Return what genai-prices' data says, as a layer for ``Registry(overlays=…)``. Its updates over the network are not used.

    Args:
        source: the data, as in its repository's ``prices/data.json``; without it those in the installed package.
        catalog: the catalog or registry whose models the rows are matched with; without it the bundled one.
        day: the day whose prices count; without it today, in UTC. The layer's ``day`` says it.
        wins: whether the layer counts where upstream says something else.

    Raises:
        MissingExtraError: there is no *source*, and genai-prices is not installed.
        SourceError: *source* cannot be read.
        DecodeError: it is no such data.
    """
    from ..codec.dialects.genai_prices import read_genai_prices  # noqa: PLC0415  # brings in cattrs

    tree = _genai_prices() if source is None else _tree(source)
    day = day or datetime.now(UTC).date()
    return read_genai_prices(tree, _places(catalog), day=day, wins=wins, source=_name(source))


def _cost_map() -> bytes:
    from importlib.resources import files  # noqa: PLC0415  # only who asks for an installed package pays for it
    from importlib.util import find_spec, module_from_spec  # noqa: PLC0415  # as above

    spec = find_spec("litellm")
    if spec is None:
        message = "LiteLLM's cost map comes with LiteLLM: pip install litellm, or give the map as source"
        raise MissingExtraError(message, extra="litellm")
    return files(module_from_spec(spec)).joinpath(_COST_MAP).read_bytes()  # the module is never run: importing LiteLLM takes seconds


def _genai_prices() -> Any:
    try:
        from genai_prices.data import providers  # noqa: PLC0415  # a third of a second, for who asks for it
    except ImportError as error:
        message = "genai-prices' data come with genai-prices: pip install genai-prices, or give them as source"
        raise MissingExtraError(message, extra="genai-prices") from error
    from ..codec.dialects.genai_prices import plain  # noqa: PLC0415  # as above

    return plain(providers)


def _places(catalog: Reading | None) -> Places:
    from ..catalog.naming.placing import Places  # noqa: PLC0415  # builds an index of names

    return Places((catalog if catalog is not None else bundled_catalog()).catalog)


def _name(source: object) -> str | None:
    return os.path.basename(os.fsdecode(source)) if isinstance(source, (str, os.PathLike)) else None  # noqa: PTH119  # of a path as given


def _tree(source: Given) -> Any:
    from ..codec.json_text import parse, to_text  # noqa: PLC0415  # brings in json
    from ..codec.unpack import to_bytes, to_utf8  # noqa: PLC0415  # as above

    name = _name(source)
    if isinstance(source, (str, os.PathLike)):
        source = read_file(os.fsdecode(source), "a layer")
    if isinstance(source, bytes):
        return parse(to_utf8(to_bytes(source, name), name), name)
    return parse(to_text(dict(source) if isinstance(source, Mapping) else source))
