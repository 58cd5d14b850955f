"""The modes of a model: other ways to run it, some at prices of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import UnknownModeError
from ..records.frozen import FrozenDict
from ..records.model import Experimental, Mode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..records.model import Model

__all__ = ["mode_of", "modes_of"]

_NONE: FrozenDict[str, Mode] = FrozenDict()


def modes_of(model: Model) -> Mapping[str, Mode]:
    """Return the modes of *model* by name."""
    return model.experimental.modes if isinstance(model.experimental, Experimental) else _NONE


def mode_of(model: Model, name: str) -> Mode:
    """Return the mode of *model* that is called *name*.

    Raises:
        UnknownModeError: it has none such.
    """
    modes = modes_of(model)
    try:
        return modes[name]
    except (KeyError, TypeError):  # the latter for what has no hash
        known = f"it has {', '.join(modes)}" if modes else "it has none"
        message = f"{model.ref} has no mode {name!r}; {known}"
        raise UnknownModeError(message, mode=str(name), modes=modes) from None
