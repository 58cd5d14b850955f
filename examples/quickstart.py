"""From install to a priced, compared choice, offline: ``python examples/quickstart.py``."""

from __future__ import annotations

from modelmeta import ModelNotFoundError, Registry, Usage

with Registry() as registry:
    print(f"{len(registry):,} models of {len(registry.providers())} providers")

    model = registry.get("anthropic/claude-opus-4-5")
    print(model.name, model.limit.context, model.supports("vision"), model.supports("streaming"))

    cheap = registry.filter("tool_call", "vision", min_context=200_000, max_input_cost=1, price_state="priced", sort="cost.input")
    print(f"{len(cheap)} models fit; the cheapest are {', '.join(map(str, cheap[:3].refs))}")

    quote = registry.price("openai/gpt-5.5", Usage(input_tokens=300_000, output_tokens=2_000))
    print(f"{quote.total} USD: {quote.reason}")

    print(registry.compare("openai/gpt-5.5", "anthropic/claude-opus-4-5", "google/gemini-2.5-pro"))

    try:
        registry.get("openai/gpt5.5")
    except ModelNotFoundError as error:
        print(error)
