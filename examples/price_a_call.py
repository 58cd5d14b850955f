"""Price the calls you have just made, and see what they cost elsewhere: ``python examples/price_a_call.py``."""

from __future__ import annotations

from types import SimpleNamespace

from modelmeta import Registry, Usage

# An OpenAI ``response.usage``, here as a dict: cached tokens are part of the prompt, reasoning is part of the completion.
openai_usage = {
    "prompt_tokens": 120_000,
    "completion_tokens": 6_000,
    "total_tokens": 126_000,
    "prompt_tokens_details": {"cached_tokens": 100_000, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 4_500, "audio_tokens": 0},
}
# An Anthropic ``message.usage``, an object as its SDK returns it: cached tokens come on top of the input.
anthropic_usage = SimpleNamespace(
    input_tokens=20_000, cache_read_input_tokens=90_000, cache_creation_input_tokens=10_000, output_tokens=6_000
)
calls = {
    "openai/gpt-5.5": Usage.from_openai(openai_usage),
    "anthropic/claude-opus-4-5": Usage.from_anthropic(anthropic_usage),
}
SHOWN = 8

with Registry() as registry:
    for ref, usage in calls.items():
        print(registry.price(ref, usage))  # line by line: plain, cached and reasoning tokens each at their own rate

        others = [offering for offering in registry.offerings(ref, usage=usage) if str(offering.model.ref) != ref]  # cheapest first
        print(f"\nThe same call at the {len(others)} other offers of this model, the {SHOWN} cheapest:\n")
        for offering in others[:SHOWN]:
            total = offering.quote.total if offering.quote else None
            price = "no published price" if total is None else f"{total:.6f} USD ({offering.price_state})"
            print(f"  {price}  {offering.model.ref}  {', '.join(offering.variants)}".rstrip())
        print()
