"""How the shipped weights judge an invented crowd, and how fast.

The crowd is invented (``bench.crowd``): these are rates of a model, none of the field.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from random import Random
from time import process_time

from attest.commands.shipped import NEWEST_WEIGHTS, weights_text
from attest.evidence import Weights, assess, facts_from, read_weights
from bench.crowd import Facts, honest
from bench.imitations import NAIVE, careful_mock_app, jammed, perfect
from bench.report import machine, note, tell

SEEDS = (11, 23, 47)
HONEST, EACH = 20_000, 4_000
BATCH = 2_000


def verdicts(make: Callable[[Random], Facts], many: int, seed: int, by: Weights) -> Counter[str]:
    dice = Random(seed)
    return Counter(assess(facts_from(make(dice)), by).verdict for _ in range(many))


def share(found: Counter[str], *wanted: str) -> float:
    return sum(found[one] for one in wanted) / found.total()


def not_enough(found: Counter[str]) -> float:
    return 1 - share(found, "SUFFICIENT")


def tell_honest(by: Weights) -> None:
    crowds = [verdicts(honest, HONEST, seed, by) for seed in SEEDS]
    for verdict, limit in (("REVIEW", 0.002), ("SUPPLEMENT", 0.06), ("INVALID", 0.0)):
        shares = [share(crowd, verdict) for crowd in crowds]
        tell(f"honest crowd {verdict}", shares, limit=limit, at_least=False)


def tell_imitations(by: Weights) -> None:
    together = [Counter[str]() for _ in SEEDS]
    for name, make in NAIVE.items():
        crowds = [verdicts(make, EACH, seed, by) for seed in SEEDS]
        tell(f"not enough: {name}", [not_enough(one) for one in crowds], limit=0.95, at_least=True)
        for whole, crowd in zip(together, crowds, strict=True):
            whole.update(crowd)
    shares = [not_enough(one) for one in together]
    tell("not enough: naive together", shares, limit=0.98, at_least=True)
    shares = [not_enough(verdicts(careful_mock_app, EACH, seed, by)) for seed in SEEDS]
    note("not enough: careful mock app", shares)
    shares = [not_enough(verdicts(perfect, EACH, seed, by)) for seed in SEEDS]
    tell("not enough: perfect, by policy", shares, limit=0.99, at_least=True)
    shares = [share(verdicts(jammed, EACH, seed, by), "REVIEW", "INVALID") for seed in SEEDS]
    tell("jammed crowd REVIEW or INVALID", shares, limit=0, at_least=False)


def tell_rate(by: Weights) -> None:
    dice = Random(SEEDS[0])
    crowd = [facts_from(honest(dice)) for _ in range(BATCH)]
    rates = []
    for _ in range(9):
        start = process_time()
        for facts in crowd:
            assess(facts, by)
        rates.append(BATCH / (process_time() - start))
    tell("assessments a second", rates, limit=5_000, at_least=True)


def main() -> None:
    by = read_weights(weights_text())
    sys.stdout.write(f"evidence: {machine()}, weights {NEWEST_WEIGHTS}, an invented crowd\n")
    tell_honest(by)
    tell_imitations(by)
    tell_rate(by)


if __name__ == "__main__":
    main()
