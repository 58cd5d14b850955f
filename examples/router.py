"""A router in your own process: the cheapest model that fits a job, the next provider when one fails: ``python examples/router.py``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from statistics import median
from time import perf_counter

from modelmeta import Model, Query, Ranked, Registry, Usage


@dataclass(frozen=True)
class Job:
    """A kind of request: what it needs, and how many tokens it takes."""

    name: str
    needs: tuple[str, ...]
    usage: Usage


class ProviderDownError(Exception):
    """A provider did not answer."""


class Router:
    """Sends each job to the cheapest model that fits it, and to the next best provider when that one fails.

    *policy* is what every model must meet, whatever the job; *attempts* is how many providers are asked before giving up.
    """

    def __init__(self, registry: Registry, policy: Query, *, attempts: int = 3) -> None:
        self.registry = registry
        self.policy = policy
        self.attempts = attempts

    def chain(self, job: Job) -> Iterator[Ranked]:
        """Yield whom to ask, in order: the cheapest model of each provider that the job is known to fit."""
        room, answer = job.usage.input_tokens + job.usage.output_tokens, job.usage.output_tokens
        asked = set()
        for ranked in self.registry.rank(self.policy, *job.needs, min_context=room, min_output=answer, usage=job.usage):
            model = ranked.model
            if model.provider_id not in asked and not self.registry.check(model.ref, usage=job.usage, capabilities=job.needs):
                asked.add(model.provider_id)
                yield ranked

    def answer(self, job: Job, call: Callable[[Model], None]) -> tuple[Ranked, int]:
        """Return who answered, and how many failed before."""
        for failed, ranked in enumerate(islice(self.chain(job), self.attempts)):
            try:
                call(ranked.model)
            except ProviderDownError:
                continue
            return ranked, failed
        message = f"nobody answered the job {job.name}"
        raise ProviderDownError(message)


JOBS = [
    Job("chat", ("tool_call",), Usage(input_tokens=2_000, output_tokens=500)),
    Job("agent", ("tool_call", "reasoning"), Usage(input_tokens=20_000, cache_read_tokens=18_000, output_tokens=2_000)),
    Job("invoice", ("vision", "structured_output"), Usage(input_tokens=3_000, output_tokens=300)),
    Job("report", ("tool_call",), Usage(input_tokens=300_000, output_tokens=4_000)),
    Job("meeting", ("audio_input",), Usage(input_tokens=30_000, input_audio_tokens=28_000, output_tokens=1_000)),
]
JOBS += [Job(f"long {job.name}", job.needs, job.usage + job.usage) for job in JOBS]
POLICY = Query(provider={"anthropic", "deepseek", "google", "groq", "mistral", "openai", "xai"}, price_state="priced")
DECISIONS = 10_000
DOWN = {"openai": range(2_000, 3_000), "mistral": range(2_500, 4_500), "google": range(4_000, 5_000)}  # from which decision to which

with Registry() as registry:
    router = Router(registry, POLICY)
    answers: Counter[tuple[str, str]] = Counter()
    tries: Counter[int] = Counter()
    times: list[float] = []
    spent = Decimal(0)
    for number in range(DECISIONS):

        def call(model: Model, number: int = number) -> None:
            """Stand in for the request to the provider."""
            if number in DOWN.get(model.provider_id, ()):
                raise ProviderDownError(model.provider_id)

        job = JOBS[number % len(JOBS)]
        started = perf_counter()
        ranked, failed = router.answer(job, call)
        times.append(perf_counter() - started)
        answers[job.name, str(ranked.model.ref)] += 1
        tries[failed + 1] += 1
        spent += ranked.value or 0  # what the job costs there, in USD

for (name, ref), count in sorted(answers.items()):
    print(f"{name:<12} {count:>5,} x {ref}")
print(f"{spent:,.2f} USD; answered by the first choice: {tries[1]:,}, the second: {tries[2]:,}, the third: {tries[3]:,}")
print(f"{len(times) / sum(times):,.0f} decisions per second, {median(times) * 1e6:.0f} µs each (median)")
