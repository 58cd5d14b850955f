"""How much room a request leaves in a model's limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ...records.refs import ModelRef
from ...records.usage import Usage, not_a_usage
from ..checking import check_request

if TYPE_CHECKING:
    from ...records.model import Model

__all__ = ["Headroom", "as_usage", "fits", "headroom", "max_output_for"]

_LIMITS = {"input", "context", "output"}


@attrs.frozen(kw_only=True)
class Headroom:
    """How many tokens are left when a model has done with ``usage``; below 0 is how many are too many. None where a limit it takes is unknown.

    ``context`` is what is left of the context window. ``input`` and ``output`` are how much more could be sent, or answered, alone: what is left
    of that limit, or of the context where that is less.
    """

    ref: ModelRef
    usage: Usage
    context: int | None
    input: int | None
    output: int | None


def fits(model: Model, usage: Usage) -> bool | None:
    """Return whether *usage* is within the limits of *model*; see ``Catalog.fits``."""
    misfits = [misfit for misfit in check_request(model, usage=usage) if misfit.kind in _LIMITS]
    return False if any(misfit.known for misfit in misfits) else None if misfits else True


def headroom(model: Model, usage: Usage) -> Headroom:
    """Return how many tokens *usage* leaves in the limits of *model*; see ``Catalog.headroom``."""
    limit, into, out = model.limit, as_usage(usage).input_tokens, usage.output_tokens
    if limit.context is None:
        return Headroom(ref=model.ref, usage=usage, context=None, input=None, output=None)
    left = limit.context - into - out
    return Headroom(
        ref=model.ref,
        usage=usage,
        context=left,
        input=left if limit.input is None else min(left, limit.input - into),
        output=None if limit.output is None else min(left, limit.output - out),
    )


def max_output_for(model: Model, input_tokens: int) -> int | None:
    """Return the most output that *model* can give after so much input; see ``Catalog.max_output_for``."""
    room = headroom(model, Usage(input_tokens=input_tokens))
    if room.output is None or room.input is None:
        return None
    return max(room.output, 0) if room.input >= 0 else 0


def as_usage(usage: object) -> Usage:
    """Return *usage*, which must be one.

    Raises:
        UsageError: it is none.
    """
    if isinstance(usage, Usage):
        return usage
    raise not_a_usage(usage)
