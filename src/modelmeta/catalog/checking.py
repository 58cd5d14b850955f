"""Whether a request fits a model, and what would."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import attrs

from ..display.text import as_text
from ..errors import QueryError
from ..records.capabilities import capability_names
from ..records.problem import Problem
from ..records.usage import Usage, not_a_usage
from ..records.vocabulary import KnownModality
from .query import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..records.model import Model, ReasoningOption
    from ..records.vocabulary import Capability

__all__ = ["Misfit", "MisfitKind", "check_request"]

MisfitKind: TypeAlias = Literal["status", "capability", "modality", "effort", "budget", "input", "context", "output"]
"""What a request and a model can disagree about, in the order in which it is reported."""


@attrs.frozen
class Misfit(Problem):
    """One way in which a request does not fit a model, or may not.

    ``path`` is the model's fact at fault (``"limit.context"``, ``"modalities.input"``, ``"tool_call"``), ``raw`` its value, ``reason`` a
    sentence with what was asked, what the model has, and what would fit. ``kind`` says what they disagree about, ``asked`` is what was asked
    as a value, ``fits`` what would fit in its place: a number of tokens, the modalities or efforts the model knows, or the least and most
    reasoning tokens (None: no most). It is None where nothing would, or nobody knows.

    ``known`` is False where nobody published the fact: the request may well fit. Unknown is not no, but it is reported, so that a request
    of which nothing is reported is known to fit.
    """

    kind: MisfitKind = "capability"
    asked: str | int | None = None
    fits: int | tuple[str, ...] | tuple[int, int | None] | None = None
    known: bool = True


def check_request(
    model: Model,
    *,
    usage: Usage | None = None,
    capabilities: Capability | str | Collection[Capability | str] = (),
    input: KnownModality | str | Collection[KnownModality | str] = (),
    output: KnownModality | str | Collection[KnownModality | str] = (),
    max_output: int | None = None,
    reasoning_effort: str | None = None,
    reasoning_budget: int | None = None,
) -> tuple[Misfit, ...]:
    """Return every way in which a request does not fit *model*; see ``Catalog.check``.

    Audio tokens of *usage* ask for audio in or out, its reasoning tokens for reasoning. The request takes the context of the input of *usage*
    and of its output or *max_output*, whichever is more.

    The effort ``"none"`` and a budget of 0 ask for no reasoning: they fit a model that does not reason, and one that can leave it. A budget of
    -1 lets the model decide; whether it may is known where the model's least is -1. Reasoning is output, and some output must be left for the
    answer: any other budget is smaller than *max_output*.
    """
    used = Usage() if usage is None else usage
    if not isinstance(used, Usage):
        raise not_a_usage(usage)
    needs = _words("capabilities", capabilities) | ({"reasoning"} if used.reasoning_tokens else set())
    sends = _modality_words("input", input, model) | ({"audio"} if used.input_audio_tokens else set())
    expects = _modality_words("output", output, model) | ({"audio"} if used.output_audio_tokens else set())
    for criterion, value, sound, what in (
        ("max_output", max_output, type(max_output) is int and max_output >= 1, "a whole number of 1 or more"),
        ("reasoning_effort", reasoning_effort, isinstance(reasoning_effort, str) and reasoning_effort, "an effort like 'high'"),
        (
            "reasoning_budget",
            reasoning_budget,
            type(reasoning_budget) is int and reasoning_budget >= -1,
            "a whole number of 0 or more, or -1",
        ),
    ):
        if value is not None and not sound:
            raise refuse(criterion, value, what)
    misfits = [*_status(model), *_capabilities(model, sorted(needs))]
    misfits += _modalities("modalities.input", "sends", "takes", sorted(sends), model.modalities.input)
    misfits += _modalities("modalities.output", "expects", "gives", sorted(expects), model.modalities.output)
    unreasoned = _can_leave_reasoning(model)
    if reasoning_effort is not None and not (unreasoned and reasoning_effort == "none"):
        misfits += _effort(model, reasoning_effort)
    if reasoning_budget is not None and not (unreasoned and reasoning_budget == 0):
        misfits += _budget(model, reasoning_budget, max_output)
    return (*misfits, *_tokens(model, used.input_tokens, max(used.output_tokens, max_output or 0)))


def _words(criterion: str, value: Any) -> set[str]:
    words: tuple[Any, ...] = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, Collection) else (None,)
    if not all(isinstance(word, str) and word for word in words):
        raise refuse(criterion, value, "a word or several")
    return set(words)


def _modality_words(criterion: str, value: Any, model: Model) -> set[str]:
    words = _words(criterion, value)
    known = {*get_args(KnownModality), *model.modalities.input, *model.modalities.output}
    if unknown := words - known:
        message = f"{criterion} cannot be {min(unknown)!r}; the words known are {', '.join(sorted(known))}"
        raise QueryError(message, criterion=criterion, value=value)
    return words


def _status(model: Model) -> Iterator[Misfit]:
    if model.status == "deprecated":
        yield Misfit("status", "the model is deprecated; no new request should go to it", model.status, "status")


def _capabilities(model: Model, needs: Sequence[str]) -> Iterator[Misfit]:
    for name in needs:
        answer = model.supports(name)
        if not answer:
            path = " or ".join(capability_names(name))
            has = ", which the model does not have" if answer is False else "; nobody says whether the model has it"
            yield Misfit(path, f"needs {name}{has}", answer, "capability", asked=name, known=answer is False)


def _modalities(path: str, asks: str, does: str, words: Sequence[str], known: tuple[str, ...]) -> Iterator[Misfit]:
    for word in words:
        if word not in known:
            has = f", the model {does} {as_text(known)}" if known else f"; nobody says what the model {does}"
            yield Misfit(path, f"{asks} {as_text(word)}{has}", known, "modality", asked=word, fits=known or None, known=bool(known))


def _can_leave_reasoning(model: Model) -> bool:
    """Return whether the model is known to answer without reasoning, or to be told to."""
    return model.reasoning is False or any(
        option.type == "toggle" or not {None, "none"}.isdisjoint(option.values) or (option.min is not None and option.min <= 0)
        for option in model.reasoning_options or ()
    )


def _effort(model: Model, effort: str) -> Iterator[Misfit]:
    asking = f"asks for the reasoning effort {as_text(effort)}"
    options, misfit = _options(model, "effort", "effort", effort, asking)
    values = tuple(dict.fromkeys(value for option in options for value in option.values if value is not None))
    if misfit:
        yield misfit
    elif effort not in values:
        known = any(option.values for option in options)
        has = f"the model takes {as_text(values) or 'none by name'}" if known else "nobody says which the model takes"
        yield Misfit("reasoning_options", f"{asking}; {has}", model.reasoning_options, "effort", effort, values or None, known=known)


def _budget(model: Model, budget: int, max_output: int | None) -> Iterator[Misfit]:
    asking = "leaves it to the model how much to reason" if budget < 0 else f"allows {budget:,} tokens of reasoning"
    if max_output is not None and budget >= 0:
        asking += f" in {max_output:,} of output"
    options, misfit = _options(model, "budget_tokens", "budget", budget, asking)
    if misfit:
        yield misfit
        return
    room = None if max_output is None else max_output - 1
    ranges = [(option.min or 0, min((most for most in (option.max, room) if most is not None), default=None)) for option in options]
    if any(least <= budget and (most is None or budget <= most) for least, most in ranges):
        return
    fits = next(((least, most) for least, most in ranges if most is None or least <= most), None)
    least, most = fits or ranges[0]
    fitting = (
        f"the model needs {least:,} or more" if not fits else f"{least:,} or more fit" if most is None else f"{least:,} to {most:,} fit"
    )
    if budget < 0:
        fitting = f"nobody says whether it can, {fitting}"
    yield Misfit("reasoning_options", f"{asking}; {fitting}", model.reasoning_options, "budget", budget, fits, known=budget >= 0)


def _options(
    model: Model, option_type: str, kind: MisfitKind, asked: str | int, asking: str
) -> tuple[list[ReasoningOption], Misfit | None]:
    """Return the options of this type, or why there is none to use."""
    options = model.reasoning_options
    if model.reasoning is False:
        return [], Misfit("reasoning", f"{asking}, but the model does not reason", raw=False, kind=kind, asked=asked)
    if options is None:
        reason = f"{asking}; nobody says how the model's reasoning is steered"
        return [], Misfit("reasoning_options", reason, None, kind, asked, known=False)
    found = [option for option in options if option.type == option_type]
    if found:
        return found, None
    reason = f"{asking}; the model's reasoning is steered by {as_text([option.type for option in options]) or 'nothing'}"
    return [], Misfit("reasoning_options", reason, options, kind, asked)


def _tokens(model: Model, into: int, out: int) -> Iterator[Misfit]:
    limit = model.limit
    demands: tuple[tuple[Literal["input", "context", "output"], str, int], ...] = (
        ("input", "input", into),
        ("context", "input and output", into + out),
        ("output", "output", out),
    )
    for kind, what, asked in demands:
        most, asking = getattr(limit, kind), f"asks for {asked:,} tokens of {what}"
        if most is None and asked and kind != "input":  # few models limit their input apart from the context
            reason = f"{asking}; nobody published limit.{kind}"
            yield Misfit(f"limit.{kind}", reason, None, kind, asked, known=False)
        elif most is not None and asked > most:
            fits = min(most, limit.context or most)
            yield Misfit(f"limit.{kind}", f"{asking}, limit.{kind} is {most:,}; at most {fits:,} fit", most, kind, asked, fits)
