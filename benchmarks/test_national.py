"""A national round in process: 168 agencies, 5,989 services. Run by ``make bench``."""

import pytest

from benchmarks import by_hand
from benchmarks.equality import assert_same
from benchmarks.rounds import RULESET, make_round
from egovrules.dataset import Dataset
from egovrules.evaluation import evaluate
from egovrules.ruleset import load_ruleset


@pytest.fixture(scope="module")
def tables():
    services, agencies = make_round(5_989, 168)
    ruleset, dataset = load_ruleset(RULESET), Dataset.of(agencies=agencies, services=services)
    assert_same(evaluate(ruleset, dataset), by_hand.evaluate(services, agencies))
    return ruleset, dataset, services, agencies


def test_egovrules(benchmark, tables):
    ruleset, dataset, _, _ = tables
    benchmark.pedantic(evaluate, (ruleset, dataset), rounds=21, warmup_rounds=3)


def test_by_hand(benchmark, tables):
    _, _, services, agencies = tables
    benchmark.pedantic(by_hand.evaluate, (services, agencies), rounds=21, warmup_rounds=3)
