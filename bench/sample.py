"""Many measurements of one thing."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True)
class Sample:
    """Measurements in seconds or bytes."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def quartiles(self) -> tuple[float, float]:
        """Between these two lies the middle half."""
        if len(self.values) == 1:
            return self.values[0], self.values[0]
        low, _, high = quantiles(self.values, n=4, method="inclusive")
        return low, high

    def per(self, divisor: float) -> Sample:
        return Sample(tuple(value / divisor for value in self.values))

    def over(self, base: Sample) -> Sample:
        """What is above the median of *base*."""
        return Sample(tuple(value - base.median for value in self.values))

    def seconds(self) -> str:
        return self._written((1, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))

    def bytes(self) -> str:
        return self._written((1e6, "MB"))

    def _written(self, *units: tuple[float, str]) -> str:
        size, unit = next((each for each in units if abs(self.median) >= each[0]), units[-1])
        middle = f"{digits(self.median / size)} {unit}"
        if len(self.values) == 1:
            return f"{middle} (once)"
        low, high = self.quartiles
        return f"{middle} ({digits(low / size)} – {digits(high / size)})"


def digits(number: float) -> str:
    """Return *number* with three significant digits."""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.1f}" if abs(number) >= 10 else f"{number:.2f}"
