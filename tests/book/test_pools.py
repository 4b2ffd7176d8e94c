"""The problems that chapters show are those of a twin with the same seed."""

from tracelib.book import pools
from tracelib.datasets import twins


def test_each_twin_has_its_pool():
    found = pools.pools()
    assert list(found) == list(twins.DATASETS)
    assert found["babi"] == twins.generate("babi", 200, seed=7, facts=6)
    assert {len(problem.facts) for problem in found["cotempqa"]} == {6}
