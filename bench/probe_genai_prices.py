"""What genai-prices takes for a price: ``python probe_genai_prices.py <repeats>``, run where it is installed."""

from __future__ import annotations

import json
import sys

from genai_prices import Usage, calc_price
from stopwatch import per_call

usage = Usage(input_tokens=300_000, output_tokens=2_000)
taken = per_call(
    {"price": 'calc_price(usage, model_ref="gpt-5.5", provider_id="openai")'}, {"calc_price": calc_price, "usage": usage}, int(sys.argv[1])
)
total = calc_price(usage, model_ref="gpt-5.5", provider_id="openai").total_price
print(json.dumps({"taken": taken, "total": str(total.normalize())}))
