"""One evaluation in a process of its own: how long it takes, and how much memory it peaks at.

Run as ``python -m benchmarks.measure SIDE FOLDER``; prints one line of JSON. The frames are
loaded before the clock starts.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks import by_hand
from benchmarks.equality import assert_same
from benchmarks.rounds import RULESET
from egovrules.contract import prepare
from egovrules.dataset import Dataset
from egovrules.evaluation import evaluate
from egovrules.needs import needs
from egovrules.ruleset import load_ruleset


def _forget_peak() -> None:
    """Let the peak begin at what is held now: reading Parquet may take more than evaluating."""
    switch = Path("/proc/self/clear_refs")  # Linux only; elsewhere the peak includes loading
    if switch.exists():
        switch.write_text("5")


def _peak() -> float:
    """Return the most memory that this process has held, in GiB.

    A child begins with the peak of the process that started it, so that one has to stay small.
    """
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30


def _timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main(side: str, folder: Path) -> None:
    """Measure ``egovrules``, ``by_hand`` or ``checks``, or compare the two (``same``)."""
    services = pl.read_parquet(folder / "services.parquet")
    agencies = pl.read_parquet(folder / "agencies.parquet")
    ruleset = load_ruleset(RULESET)
    _forget_peak()
    loaded = _peak()
    dataset = Dataset.of(agencies=agencies, services=services)
    if side == "same":
        assert_same(evaluate(ruleset, dataset), by_hand.evaluate(services, agencies))
        return
    work: dict[str, Callable[[], Any]] = {
        "egovrules": lambda: evaluate(ruleset, dataset),
        "by_hand": lambda: by_hand.evaluate(services, agencies),
        "checks": lambda: prepare(dataset, needs(ruleset)),
    }
    seconds = _timed(work[side])
    print(json.dumps({"seconds": seconds, "peak": _peak(), "loaded": loaded}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
