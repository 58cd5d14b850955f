"""How a model is named: one provider selling one model."""

from __future__ import annotations

import attrs

from ..errors import InvalidRefError

__all__ = ["ModelRef"]


@attrs.frozen(order=True)
class ModelRef:
    """The identity of a model: which provider, and the id that provider gives it.

    Written ``provider/model`` and split at the first ``/``: provider ids never contain one, model ids may.

    >>> ModelRef.parse("openrouter/anthropic/claude-opus-4.5")
    ModelRef(provider_id='openrouter', model_id='anthropic/claude-opus-4.5')
    """

    provider_id: str
    model_id: str

    @classmethod
    def parse(cls, text: str) -> ModelRef:
        """Read ``provider/model``.

        Raises:
            InvalidRefError: *text* is not a string of that form.
        """
        if not isinstance(text, str):
            message = f"a model reference is text like 'openai/gpt-5.5', not {text!r}"
            raise InvalidRefError(message, value=text)
        provider_id, slash, model_id = text.partition("/")
        if not (provider_id and slash and model_id):
            message = f"{text!r} is not a model reference: write provider/model, as in 'openai/gpt-5.5'"
            raise InvalidRefError(message, value=text)
        return cls(provider_id, model_id)

    def __str__(self) -> str:
        return f"{self.provider_id}/{self.model_id}"
