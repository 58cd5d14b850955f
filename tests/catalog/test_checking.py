"""Whether a request fits a model."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import ModelNotFoundError, Problem, QueryError, UnknownCapabilityError, Usage, UsageError, bundled_catalog, load_catalog
from modelmeta.testing.queries import usages

CATALOG = bundled_catalog()
REFS = [str(ref) for ref in CATALOG.models().refs]

TEXT = {"input": ["text"], "output": ["text"]}
LIMIT = {"context": 1_000, "input": 800, "output": 400}
MODELS = {
    "bare": {"name": "Bare"},
    "old": {"name": "Old", "status": "deprecated", "modalities": TEXT},
    "new": {"name": "New", "status": "alpha", "limit": LIMIT},
    "plain": {
        "name": "Plain",
        "modalities": TEXT,
        "limit": LIMIT,
        "tool_call": True,
        "structured_output": False,
        "reasoning": False,
        "status": "beta",
    },
    "ears": {"name": "Ears", "modalities": {"input": ["audio"], "output": ["text", "image"]}},
    "steady": {"name": "Steady", "reasoning": True, "reasoning_options": []},
    "switch": {"name": "Switch", "reasoning": True, "reasoning_options": [{"type": "toggle"}]},
    "quiet": {"name": "Quiet", "reasoning": True},
    "efforts": {"name": "Efforts", "reasoning": True, "reasoning_options": [{"type": "effort", "values": [None, "low", "high"]}]},
    "named none": {"name": "None", "reasoning": True, "reasoning_options": [{"type": "effort", "values": ["none", "high"]}]},
    "only null": {"name": "Null", "reasoning": True, "reasoning_options": [{"type": "effort", "values": [None]}]},
    "unsaid": {"name": "Unsaid", "reasoning": True, "reasoning_options": [{"type": "effort"}]},
    "twofold": {
        "name": "Twofold",
        "reasoning": True,
        "reasoning_options": [
            {"type": "effort", "values": ["low"]},
            {"type": "effort", "values": ["high", "low"]},
            {"type": "budget_tokens", "min": 10, "max": 20},
            {"type": "budget_tokens", "min": 90},
        ],
    },
    "budget": {"name": "Budget", "reasoning": True, "reasoning_options": [{"type": "budget_tokens", "min": 1_024, "max": 32_000}]},
    "dynamic": {"name": "Dynamic", "reasoning": True, "reasoning_options": [{"type": "budget_tokens", "min": -1, "max": 100}]},
    "open": {"name": "Open", "reasoning": True, "reasoning_options": [{"type": "budget_tokens"}]},
    "fixed": {"name": "Fixed", "reasoning": True, "reasoning_options": [{"type": "effort", "values": ["low", "high"]}]},
    "zero": {
        "name": "Zero",
        "reasoning": True,
        "reasoning_options": [{"type": "effort", "values": ["low"]}, {"type": "budget_tokens", "min": 0, "max": 500}],
    },
    "either": {
        "name": "Either",
        "reasoning": True,
        "reasoning_options": [{"type": "toggle"}, {"type": "effort", "values": ["high"]}, {"type": "budget_tokens", "min": 1_024}],
    },
    "nose": {"name": "Nose", "modalities": {"input": ["smell"], "output": ["loud\nnoise"]}},
    "odd limits": {"name": "Odd", "limit": {"context": 500, "input": 800, "output": 900}},
    "no output": {"name": "No output", "limit": {"context": 500}},
    "no context": {"name": "No context", "limit": {"input": 500}},
}
for name in ("twofold", "budget", "dynamic", "open", "either"):
    MODELS[name]["limit"] = LIMIT
SMALL = load_catalog({"acme": {"id": "acme", "name": "Acme", "models": MODELS}})

OPUS, GPT, GEMINI = "anthropic/claude-opus-4-5", "openai/gpt-5.5", "google/gemini-2.5-pro"
EMBEDDING, NULLS, MINUS = "openai/text-embedding-3-small", "sarvam/sarvam-30b", "nvidia/nvidia/nemotron-3-nano-omni-30b-a3b-reasoning"

# Each misfit as (kind, path, asked, fits), with a "?" in front of the kind of what nobody published.
REQUESTS = [
    # nothing asked, and status
    ("bare", {}, []),
    ("bare", {"usage": Usage()}, []),
    ("new", {}, []),
    ("plain", {}, []),
    ("old", {}, [("status", "status", None, None)]),
    # capabilities
    ("plain", {"capabilities": "tool_call"}, []),
    ("plain", {"capabilities": ("function_calling", "tool_use")}, []),
    ("plain", {"capabilities": "structured_output"}, [("capability", "structured_output", "structured_output", None)]),
    ("plain", {"capabilities": "json_mode"}, [("capability", "structured_output", "json_mode", None)]),
    (
        "plain",
        {"capabilities": {"vision", "audio", "streaming"}},
        [
            ("capability", "audio_input or audio_output", "audio", None),
            ("?capability", "streaming", "streaming", None),
            ("capability", "vision", "vision", None),
        ],
    ),
    ("ears", {"capabilities": ["audio", "image_generation"]}, []),
    ("bare", {"capabilities": ["vision", "vision"]}, [("?capability", "vision", "vision", None)]),
    ("plain", {"usage": Usage(1, 9, reasoning_tokens=5)}, [("capability", "reasoning", "reasoning", None)]),
    # modalities
    ("plain", {"input": "text", "output": ["text"]}, []),
    ("plain", {"input": ["text", "image"]}, [("modality", "modalities.input", "image", ("text",))]),
    (
        "ears",
        {"input": "text", "output": "video"},
        [
            ("modality", "modalities.input", "text", ("audio",)),
            ("modality", "modalities.output", "video", ("text", "image")),
        ],
    ),
    ("nose", {"input": "smell", "output": "loud\nnoise"}, []),
    (
        "nose",
        {"input": ["video", "loud\nnoise"]},
        [("modality", "modalities.input", asked, ("smell",)) for asked in ("loud\nnoise", "video")],
    ),
    ("bare", {"input": "text"}, [("?modality", "modalities.input", "text", None)]),
    ("plain", {"usage": Usage(9, input_audio_tokens=9)}, [("modality", "modalities.input", "audio", ("text",))]),
    ("plain", {"usage": Usage(9, 9, output_audio_tokens=9)}, [("modality", "modalities.output", "audio", ("text",))]),
    (
        "old",
        {"input": "audio", "capabilities": "audio"},
        [
            ("status", "status", None, None),
            ("capability", "audio_input or audio_output", "audio", None),
            ("modality", "modalities.input", "audio", ("text",)),
        ],
    ),
    # effort
    ("efforts", {"reasoning_effort": "high"}, []),
    ("efforts", {"reasoning_effort": "max"}, [("effort", "reasoning_options", "max", ("low", "high"))]),
    ("only null", {"reasoning_effort": "low"}, [("effort", "reasoning_options", "low", None)]),
    ("unsaid", {"reasoning_effort": "low"}, [("?effort", "reasoning_options", "low", None)]),
    ("twofold", {"reasoning_effort": "high"}, []),
    ("twofold", {"reasoning_effort": "max"}, [("effort", "reasoning_options", "max", ("low", "high"))]),
    ("switch", {"reasoning_effort": "high"}, [("effort", "reasoning_options", "high", None)]),
    ("budget", {"reasoning_effort": "high"}, [("effort", "reasoning_options", "high", None)]),
    ("steady", {"reasoning_effort": "high"}, [("effort", "reasoning_options", "high", None)]),
    ("plain", {"reasoning_effort": "low"}, [("effort", "reasoning", "low", None)]),
    ("quiet", {"reasoning_effort": "high"}, [("?effort", "reasoning_options", "high", None)]),
    ("bare", {"reasoning_effort": "high"}, [("?effort", "reasoning_options", "high", None)]),
    # budget
    ("budget", {"reasoning_budget": 1_024}, []),
    ("budget", {"reasoning_budget": 32_000}, []),
    ("budget", {"reasoning_budget": 1_023}, [("budget", "reasoning_options", 1_023, (1_024, 32_000))]),
    ("budget", {"reasoning_budget": 32_001}, [("budget", "reasoning_options", 32_001, (1_024, 32_000))]),
    ("budget", {"reasoning_budget": -1}, [("?budget", "reasoning_options", -1, (1_024, 32_000))]),
    ("dynamic", {"reasoning_budget": -1}, []),
    ("efforts", {"reasoning_budget": -1}, [("budget", "reasoning_options", -1, None)]),
    ("plain", {"reasoning_budget": -1}, [("budget", "reasoning", -1, None)]),
    ("dynamic", {"reasoning_budget": 101}, [("budget", "reasoning_options", 101, (-1, 100))]),
    ("open", {"reasoning_budget": 10**9}, []),
    ("open", {"reasoning_budget": 0}, []),
    ("open", {"reasoning_budget": -1}, [("?budget", "reasoning_options", -1, (0, None))]),
    ("twofold", {"reasoning_budget": 95}, []),
    ("twofold", {"reasoning_budget": 50}, [("budget", "reasoning_options", 50, (10, 20))]),
    ("efforts", {"reasoning_budget": 5}, [("budget", "reasoning_options", 5, None)]),
    ("plain", {"reasoning_budget": 5}, [("budget", "reasoning", 5, None)]),
    ("quiet", {"reasoning_budget": 5}, [("?budget", "reasoning_options", 5, None)]),
    # the budget is part of the output
    ("open", {"reasoning_budget": 299, "max_output": 300}, []),
    ("open", {"reasoning_budget": 300, "max_output": 300}, [("budget", "reasoning_options", 300, (0, 299))]),
    ("dynamic", {"reasoning_budget": 100, "max_output": 300}, []),
    ("dynamic", {"reasoning_budget": 200, "max_output": 300}, [("budget", "reasoning_options", 200, (-1, 100))]),
    ("dynamic", {"reasoning_budget": -1, "max_output": 300}, []),
    ("twofold", {"reasoning_budget": 95, "max_output": 300}, []),
    ("twofold", {"reasoning_budget": 300, "max_output": 300}, [("budget", "reasoning_options", 300, (10, 20))]),
    ("budget", {"reasoning_budget": 2_000, "max_output": 300}, [("budget", "reasoning_options", 2_000, None)]),
    ("budget", {"reasoning_budget": -1, "max_output": 300}, [("?budget", "reasoning_options", -1, None)]),
    ("either", {"reasoning_budget": 0, "max_output": 300}, []),
    # tokens
    ("plain", {"usage": Usage(800, 200)}, []),
    ("plain", {"usage": Usage(801, 199)}, [("input", "limit.input", 801, 800)]),
    ("plain", {"usage": Usage(800, 201)}, [("context", "limit.context", 1_001, 1_000)]),
    ("plain", {"usage": Usage(0, 401)}, [("output", "limit.output", 401, 400)]),
    ("plain", {"max_output": 400}, []),
    ("plain", {"max_output": 401}, [("output", "limit.output", 401, 400)]),
    ("plain", {"usage": Usage(700, 5), "max_output": 301}, [("context", "limit.context", 1_001, 1_000)]),
    ("plain", {"usage": Usage(700, 301), "max_output": 5}, [("context", "limit.context", 1_001, 1_000)]),
    (
        "plain",
        {"usage": Usage(900, 500)},
        [("input", "limit.input", 900, 800), ("context", "limit.context", 1_400, 1_000), ("output", "limit.output", 500, 400)],
    ),
    ("odd limits", {"usage": Usage(801)}, [("input", "limit.input", 801, 500), ("context", "limit.context", 801, 500)]),
    ("no output", {"usage": Usage(500)}, []),
    ("no output", {"max_output": 5}, [("?output", "limit.output", 5, None)]),
    ("no context", {"usage": Usage(501)}, [("input", "limit.input", 501, 500), ("?context", "limit.context", 501, None)]),
    ("bare", {"usage": Usage(1, 2)}, [("?context", "limit.context", 3, None), ("?output", "limit.output", 2, None)]),
    # real models
    (
        OPUS,
        {"usage": Usage(190_000, 10_000), "capabilities": "tool_call", "input": ("image", "pdf"), "reasoning_effort": "high"},
        [],
    ),
    (OPUS, {"usage": Usage(190_000, 60_000)}, [("context", "limit.context", 250_000, 200_000)]),
    (OPUS, {"reasoning_effort": "xhigh"}, [("effort", "reasoning_options", "xhigh", ("low", "medium", "high"))]),
    (OPUS, {"reasoning_budget": 1_000}, [("budget", "reasoning_options", 1_000, (1_024, None))]),
    (
        OPUS,
        {"input": "audio", "output": "image"},
        [
            ("modality", "modalities.input", "audio", ("text", "image", "pdf")),
            ("modality", "modalities.output", "image", ("text",)),
        ],
    ),
    (GPT, {"reasoning_effort": "none", "usage": Usage(922_000, 128_000)}, []),
    (GPT, {"usage": Usage(1_000_000, 20_000)}, [("input", "limit.input", 1_000_000, 922_000)]),
    (GPT, {"reasoning_budget": 5_000}, [("budget", "reasoning_options", 5_000, None)]),
    (GEMINI, {"reasoning_budget": 128, "input": ["audio", "video"], "capabilities": "audio"}, []),
    (GEMINI, {"reasoning_effort": "low"}, [("effort", "reasoning_options", "low", None)]),
    (
        GEMINI,
        {"reasoning_budget": 0, "max_output": 70_000},
        [
            ("budget", "reasoning_options", 0, (128, 32_768)),
            ("output", "limit.output", 70_000, 65_536),
        ],
    ),
    (EMBEDDING, {"usage": Usage(8_191)}, []),
    (
        EMBEDDING,
        {"usage": Usage(10_000), "capabilities": "tool_call"},
        [
            ("capability", "tool_call", "tool_call", None),
            ("context", "limit.context", 10_000, 8_191),
        ],
    ),
    (NULLS, {"reasoning_effort": "medium"}, []),
    (NULLS, {"reasoning_effort": "xhigh"}, [("effort", "reasoning_options", "xhigh", ("low", "medium", "high"))]),
    (OPUS, {"reasoning_budget": 1_999, "max_output": 2_000}, []),
    (OPUS, {"reasoning_budget": 50_000, "max_output": 2_000}, [("budget", "reasoning_options", 50_000, (1_024, 1_999))]),
    (OPUS, {"reasoning_budget": -1}, [("?budget", "reasoning_options", -1, (1_024, None))]),
    (MINUS, {"reasoning_budget": -1}, []),
    (MINUS, {"reasoning_budget": 32_769}, [("budget", "reasoning_options", 32_769, (-1, 32_768))]),
]


@pytest.mark.parametrize(("name", "request_", "expected"), REQUESTS)
def test_every_way_not_to_fit_is_reported_in_order(name, request_, expected):
    catalog, ref = (CATALOG, name) if "/" in name else (SMALL, f"acme/{name}")
    misfits = catalog.check(ref, **request_)
    assert [("" if misfit.known else "?") + misfit.kind for misfit in misfits] == [kind for kind, *_ in expected]
    assert [(misfit.path, misfit.asked, misfit.fits) for misfit in misfits] == [tuple(rest) for _, *rest in expected]


@pytest.mark.parametrize("request_", [{"reasoning_effort": "none"}, {"reasoning_budget": 0}], ids=str)
@pytest.mark.parametrize(
    "name",
    [
        "plain",
        "switch",
        "either",
        "efforts",
        "named none",
        "only null",
        "zero",
        "dynamic",
        "openai/gpt-4o",
        GPT,
        NULLS,
        "alibaba/qwen3.5-flash",
    ],
)
def test_no_reasoning_can_be_asked_of_what_does_not_reason_or_can_leave_it(name, request_):
    catalog, ref = (CATALOG, name) if "/" in name else (SMALL, f"acme/{name}")
    assert catalog.check(ref, **request_) == ()


@pytest.mark.parametrize("request_", [{"reasoning_effort": "none"}, {"reasoning_budget": 0}], ids=str)
@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("fixed", True),
        ("steady", True),
        ("budget", True),
        ("twofold", True),
        (GEMINI, True),
        (OPUS, True),
        ("quiet", False),
        ("bare", False),
    ],
)
def test_no_reasoning_cannot_be_asked_of_what_always_reasons(name, known, request_):
    catalog, ref = (CATALOG, name) if "/" in name else (SMALL, f"acme/{name}")
    assert [misfit.known for misfit in catalog.check(ref, **request_)] == [known]


SENTENCES = [
    ("old", {}, "status: the model is deprecated; no new request should go to it"),
    ("plain", {"capabilities": "json_mode"}, "structured_output: needs json_mode, which the model does not have"),
    ("bare", {"capabilities": "vision"}, "vision: needs vision; nobody says whether the model has it"),
    (OPUS, {"input": "audio"}, "modalities.input: sends audio, the model takes text, image, pdf"),
    ("nose", {"output": "smell"}, "modalities.output: expects smell, the model gives loud noise"),
    ("nose", {"input": "loud\nnoise"}, "modalities.input: sends loud noise, the model takes smell"),
    ("bare", {"output": "text"}, "modalities.output: expects text; nobody says what the model gives"),
    (OPUS, {"reasoning_effort": "max"}, "reasoning_options: asks for the reasoning effort max; the model takes low, medium, high"),
    ("only null", {"reasoning_effort": "max"}, "reasoning_options: asks for the reasoning effort max; the model takes none by name"),
    ("unsaid", {"reasoning_effort": "max"}, "reasoning_options: asks for the reasoning effort max; nobody says which the model takes"),
    (
        "switch",
        {"reasoning_effort": "max"},
        "reasoning_options: asks for the reasoning effort max; the model's reasoning is steered by toggle",
    ),
    ("steady", {"reasoning_budget": 9}, "reasoning_options: allows 9 tokens of reasoning; the model's reasoning is steered by nothing"),
    ("quiet", {"reasoning_budget": 9}, "reasoning_options: allows 9 tokens of reasoning; nobody says how the model's reasoning is steered"),
    ("plain", {"reasoning_budget": 9}, "reasoning: allows 9 tokens of reasoning, but the model does not reason"),
    (
        "budget",
        {"reasoning_budget": -1},
        "reasoning_options: leaves it to the model how much to reason; nobody says whether it can, 1,024 to 32,000 fit",
    ),
    (
        OPUS,
        {"reasoning_budget": 50_000, "max_output": 2_000},
        "reasoning_options: allows 50,000 tokens of reasoning in 2,000 of output; 1,024 to 1,999 fit",
    ),
    (
        OPUS,
        {"reasoning_budget": 500, "max_output": 1_000},
        "reasoning_options: allows 500 tokens of reasoning in 1,000 of output; the model needs 1,024 or more",
    ),
    (OPUS, {"reasoning_budget": 1_000}, "reasoning_options: allows 1,000 tokens of reasoning; 1,024 or more fit"),
    (
        OPUS,
        {"usage": Usage(190_000, 60_000)},
        "limit.context: asks for 250,000 tokens of input and output, limit.context is 200,000; at most 200,000 fit",
    ),
    ("no output", {"max_output": 500}, "limit.output: asks for 500 tokens of output; nobody published limit.output"),
]


@pytest.mark.parametrize(("name", "request_", "sentence"), SENTENCES, ids=[sentence.partition(":")[0] for *_, sentence in SENTENCES])
def test_a_misfit_says_what_was_asked_what_there_is_and_what_would_fit(name, request_, sentence):
    catalog, ref = (CATALOG, name) if "/" in name else (SMALL, f"acme/{name}")
    assert [str(misfit) for misfit in catalog.check(ref, **request_)] == [sentence]


def test_a_misfit_holds_the_fact_at_fault():
    checked = {misfit.path: misfit.raw for misfit in CATALOG.check(OPUS, usage=Usage(1, 300_000), input="audio", reasoning_effort="max")}
    model = CATALOG[OPUS]
    assert checked == {
        "modalities.input": model.modalities.input,
        "reasoning_options": model.reasoning_options,
        "limit.context": model.limit.context,
        "limit.output": model.limit.output,
    }


def test_a_misfit_is_a_problem_that_hashes_and_pickles():
    misfits = CATALOG.check(OPUS, input="audio", reasoning_effort="max")
    assert all(isinstance(misfit, Problem) for misfit in misfits)
    assert len({*misfits, *pickle.loads(pickle.dumps(misfits))}) == len(misfits) == 2


@pytest.mark.parametrize(
    ("criterion", "value"),
    [
        ("max_output", 0),
        ("max_output", True),
        ("max_output", 1.5),
        ("reasoning_effort", ""),
        ("reasoning_effort", 3),
        ("reasoning_budget", -2),
        ("reasoning_budget", "much"),
        ("input", 5),
        ("input", b"text"),
        ("input", ["text", ["image"]]),
        ("output", ["text", ""]),
        ("capabilities", None),
    ],
)
def test_what_cannot_be_asked_is_an_error_that_names_the_criterion(criterion, value):
    with pytest.raises(QueryError, match=f"^{criterion} must be ") as caught:
        CATALOG.check(OPUS, **{criterion: value})
    assert (caught.value.criterion, caught.value.value) == (criterion, value)


@pytest.mark.parametrize("criterion", ["input", "output"])
@pytest.mark.parametrize("value", ["vidoe", ["text", "vidoe"], {"vision", "vidoe"}])
def test_a_modality_nobody_knows_is_an_error_that_lists_the_known_ones(criterion, value):
    with pytest.raises(QueryError) as caught:
        SMALL.check("acme/nose", **{criterion: value})
    assert str(caught.value) == f"{criterion} cannot be 'vidoe'; the words known are audio, image, loud\nnoise, pdf, smell, text, video"
    assert (caught.value.criterion, caught.value.value) == (criterion, value)


def test_what_filter_does_not_take_for_a_modality_check_does_not_either():
    for ask in (CATALOG.filter, lambda **asked: CATALOG.check(OPUS, **asked)):
        with pytest.raises(QueryError, match=r"^input cannot be 'vision'; .* audio, image, pdf, text, video$"):
            ask(input="vision")


def test_an_unknown_capability_is_an_error_that_lists_the_known_ones():
    with pytest.raises(UnknownCapabilityError, match=r"unknown capability 'visoin'; the known ones are attachment, "):
        CATALOG.check(OPUS, capabilities="visoin")


def test_a_usage_is_a_usage():
    with pytest.raises(UsageError, match="usage must be a Usage") as caught:
        CATALOG.check(OPUS, usage={"input_tokens": 5})
    assert caught.value.field == "usage"


def test_a_model_that_does_not_exist_is_not_found():
    with pytest.raises(ModelNotFoundError):
        CATALOG.check("openai/gpt-0")


def test_a_request_without_demands_fits_every_model_that_is_not_deprecated():
    assert {str(model.ref) for model in CATALOG if CATALOG.check(model.ref)} == {
        str(ref) for ref in CATALOG.filter(status="deprecated").refs
    }


def test_what_supports_says_is_what_is_checked():
    for ref in REFS[::40]:
        for capability in ("tool_call", "vision", "audio", "json_mode", "reasoning", "interleaved", "streaming"):
            found = [misfit.known for misfit in CATALOG.check(ref, capabilities=capability) if misfit.kind == "capability"]
            assert found == {True: [], False: [True], None: [False]}[CATALOG[ref].supports(capability)]


requests = st.fixed_dictionaries(
    {},
    optional={
        "usage": usages(),
        "input": st.sets(st.sampled_from(["text", "image", "audio", "video", "pdf"])),
        "output": st.sets(st.sampled_from(["text", "image", "audio", "video"])),
        "capabilities": st.sets(st.sampled_from(["tool_call", "structured_output", "vision", "audio"])),
        "max_output": st.integers(1, 2_000_000),
        "reasoning_effort": st.sampled_from(["none", "minimal", "low", "high", "xhigh", "max"]),
        "reasoning_budget": st.integers(-1, 200_000),
    },
)


def again(misfit, asked) -> list[dict]:
    """Return the requests that ask for what would fit where *asked* did not."""
    match misfit.kind:
        case "modality":
            return [{misfit.path.partition(".")[2]: misfit.fits}]
        case "effort":
            return [{"reasoning_effort": effort} for effort in misfit.fits]
        case "budget":
            least, most = misfit.fits
            room = {"max_output": asked["max_output"]} if "max_output" in asked else {}
            return [{"reasoning_budget": budget, **room} for budget in (least, most) if budget is not None]
        case "output":
            return [{"max_output": misfit.fits}, {"usage": Usage(0, misfit.fits)}]
        case _:
            return [{"usage": Usage(misfit.fits)}]


@given(st.sampled_from(REFS), requests)
def test_what_is_said_to_fit_fits(ref, request_):
    reported = CATALOG.check(ref, **request_)
    for misfit in reported:
        if misfit.fits is not None:
            for narrower in again(misfit, request_):
                assert [left for left in CATALOG.check(ref, **narrower) if left.kind == misfit.kind] == []


@given(st.sampled_from(REFS), requests)
def test_nothing_but_tokens_depends_on_what_else_is_asked(ref, request_):
    alone = {misfit for name, value in request_.items() for misfit in CATALOG.check(ref, **{name: value})}
    together = set(CATALOG.check(ref, **request_))
    tokens = {"budget", "input", "context", "output"}
    assert {misfit for misfit in together if misfit.kind not in tokens} == {misfit for misfit in alone if misfit.kind not in tokens} | {
        misfit for misfit in CATALOG.check(ref) if misfit.kind == "status"
    }


@given(st.sampled_from(REFS), requests)
def test_the_limits_are_compared_by_plain_arithmetic(ref, request_):
    limit, usage = CATALOG[ref].limit, request_.get("usage", Usage())
    out = max(usage.output_tokens, request_.get("max_output", 0))
    expected = {
        "input": limit.input is not None and usage.input_tokens > limit.input,
        "context": usage.input_tokens + out > limit.context if limit.context is not None else None if usage.input_tokens + out else False,
        "output": out > limit.output if limit.output is not None else None if out else False,
    }
    reported = {misfit.kind: misfit.known or None for misfit in CATALOG.check(ref, **request_) if misfit.kind in expected}
    assert reported == {kind: answer for kind, answer in expected.items() if answer is not False}


@given(st.sampled_from(REFS), st.integers(-1, 200_000), st.integers(1, 200_000))
def test_a_budget_fits_the_output_of_the_request_and_the_range_of_the_model(ref, budget, max_output):
    model = CATALOG[ref]
    reported = [misfit.known for misfit in CATALOG.check(ref, reasoning_budget=budget, max_output=max_output) if misfit.kind == "budget"]
    options = model.reasoning_options or ()
    ranges = [(option.min or 0, option.max or budget) for option in options if option.type == "budget_tokens"]
    if budget < max_output and any(least <= budget <= most for least, most in ranges):
        assert reported == []
    elif budget > 0 and (ranges or model.reasoning is False):
        assert reported == [True]
    elif budget < 0 and ranges:
        assert reported == [False]
