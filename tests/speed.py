"""Print what the README claims of speed: the time of `import analysis`, and the time and memory of `analysis run`.

python tests/speed.py data/article.txt
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

REPEATS = 5
SAMPLE_SECONDS = 0.1
MEGABYTE = 1e6


def time_import() -> float:
    """Median seconds that `import analysis` adds to a start of Python."""
    clock = "import time; start = time.perf_counter(); import analysis; print(time.perf_counter() - start)"
    runs = [subprocess.run([sys.executable, "-c", clock], capture_output=True, text=True, check=True) for _ in range(REPEATS)]
    return statistics.median(float(run.stdout) for run in runs)


def measure_run(article: str) -> tuple[float, float]:
    """Seconds of `analysis run`, and the peak of the memory (bytes) that it and all its processes hold at a time.

    Memory is the sum of the resident sets: what processes share counts for each of them, so this is an upper bound.
    """
    with tempfile.TemporaryDirectory() as folder:
        start, peak = time.perf_counter(), 0
        process = psutil.Popen([Path(sys.executable).with_name("analysis"), "run", article, "--out", folder])
        while process.poll() is None:
            peak = max(peak, _resident(process))
            time.sleep(SAMPLE_SECONDS)
        seconds = time.perf_counter() - start
        if process.returncode:
            sys.exit(process.returncode)
    return seconds, peak


def _resident(process: psutil.Process) -> int:
    total = 0
    try:
        for member in [process, *process.children(recursive=True)]:
            try:
                total += member.memory_info().rss
            except psutil.NoSuchProcess:
                continue
    except psutil.NoSuchProcess:
        pass
    return total


if __name__ == "__main__":
    print(f"import analysis: {time_import():.2f} s (median of {REPEATS})")
    seconds, peak = measure_run(sys.argv[1])
    print(f"analysis run {sys.argv[1]}: {seconds:.1f} s, {peak / MEGABYTE:.0f} MB at most, on {psutil.cpu_count()} cores")
