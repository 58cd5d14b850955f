"""The chart on the performance page shows what its tables say."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_the_chart_is_drawn_from_the_table_as_it_stands(tmp_path):
    page = shutil.copy(ROOT / "docs" / "performance.md", tmp_path)
    subprocess.run([sys.executable, ROOT / "bench" / "charts.py", page], check=True)
    drawn = (tmp_path / "_static" / "performance.svg").read_text()
    assert drawn.count('class="ours"') > 3
    assert drawn == (ROOT / "docs" / "_static" / "performance.svg").read_text()
