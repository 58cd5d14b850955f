"""How the id of one model is written in different places: separators, prefixes, dates, and the words that make another offer."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

__all__ = ["VARIANT_WORDS", "Trimmed", "date_at_end", "fold", "runs", "tail", "trim"]


_SEPARATORS = re.compile(r"[\s._:@-]+")
_WORD = re.compile(r"[^\W_]+")
_DATE = re.compile(r"-(20\d\d)-?(\d\d)-?(\d\d)$|-default$")
_REGIONS = "us-gov|us|eu|apac|global|jp|au|in|ca|sa|uk"
_VENDORS = (
    "ai21|amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshot|moonshotai|nvidia|openai|qwen|stability|writer|xai|zai"
)
_BEDROCK = re.compile(rf"(?:(?P<region>{_REGIONS})\.)?(?P<vendor>{_VENDORS})\.(?P<core>[a-z].*?)(?:-v(?P<version>\d+))?(?::\d+)?")

VARIANT_WORDS = frozenset(
    {
        *("free", "fast", "highspeed", "turbo", "nitro", "priority", "flex", "eco", "tee", "exacto", "online", "thinking", "latest"),
        *("fp4", "fp8", "bf16", "int4", "int8", "awq", "gptq", "gguf", "nvfp4", "mxfp4"),
        *("us", "eu", "apac", "global", "jp", "au", "in"),
    }
)
"""Words in an id that set an offer apart from others of the same model."""


class Trimmed(NamedTuple):
    """What a Bedrock id says: ``<region>.<vendor>.<core>-v<version>:0``. Other ids are all core."""

    region: str
    vendor: str
    core: str
    version: str


def fold(text: str) -> str:
    """Return *text* without the difference between capitals and between the separators space, ``.``, ``_``, ``:``, ``@`` and ``-``."""
    return _SEPARATORS.sub("-", text.casefold())


def tail(model_id: str) -> str:
    """Return what follows the last ``/``: the id without the prefixes aggregators put before it."""
    return model_id.rpartition("/")[2]


def trim(model_id: str) -> Trimmed:
    """Return the parts of *model_id*, folded, if it is written as Bedrock writes ids."""
    match = _BEDROCK.fullmatch(tail(model_id).casefold())
    if match is None:
        return Trimmed("", "", fold(tail(model_id)), "")
    return Trimmed(match["region"] or "", match["vendor"], fold(match["core"]), match["version"] or "")


def date_at_end(folded: str) -> tuple[str, date | None]:
    """Return *folded* without the full date at its end, and that date; ``-default``, which Vertex writes for want of one, counts as none."""
    match = _DATE.search(folded)
    if match is None:
        return folded, None
    if match[1] is None:
        return folded[: match.start()], None
    try:
        return folded[: match.start()], date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return folded, None


def runs(text: str) -> list[str]:
    """Return the runs of letters and digits in *text*, in lower case."""
    return _WORD.findall(text.casefold())
