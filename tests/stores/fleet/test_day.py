"""A few hours of a day in a few seconds: that day.py runs, of which ``nox -s day`` lets a whole day pass."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_hours_pass_in_seconds_and_nothing_is_mixed_or_lost():
    day = [sys.executable, Path(__file__).parent / "day.py", "--minutes", "0.1", "--hours", "2", "--providers", "10"]
    assert 0 == subprocess.run(day, check=False).returncode
