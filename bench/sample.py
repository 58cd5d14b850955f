"""Many measurements of one thing."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median, quantiles

SECONDS = ((1, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
PERCENT = ((0.01, "%"),)
BYTES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


@dataclass(frozen=True)
class Sample:
    """Measurements, in seconds, bytes or parts of a whole."""

    values: list[float]

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def best(self) -> float:
        return min(self.values)

    def per(self, divisor: float) -> Sample:
        return Sample([value / divisor for value in self.values])

    def written(self, units: tuple[tuple[float, str], ...]) -> str:
        """Return the median and, in brackets, the two values between which the middle half lies."""
        size, unit = next((each for each in units if abs(self.median) >= each[0]), units[-1])
        middle = f"{digits(self.median / size)} {unit}"
        if len(self.values) == 1:
            return f"{middle} (once)"
        low, _, high = quantiles(self.values, n=4, method="inclusive")
        return f"{middle} ({digits(low / size)} to {digits(high / size)})"


def digits(number: float) -> str:
    """Return *number* with about three significant digits."""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.1f}" if abs(number) >= 10 else f"{number:.2f}"
