"""Events with chances of their own: by hand, and the binomial where the chances are one."""

import pytest
from scipy.stats import binom

from tracelib.stats.poisson_binomial import chances, p_two_sided


def test_chances_by_hand():
    """Of 0.5 and 0.2: none 0.4, both 0.1."""
    assert chances([0.5, 0.2]).tolist() == pytest.approx([0.4, 0.5, 0.1])
    assert chances([0.3] * 4).tolist() == pytest.approx(binom.pmf(range(5), 4, 0.3).tolist())
    assert chances([]).tolist() == [1.0]


def test_p_is_twice_the_smaller_tail():
    assert p_two_sided(0, [0.5, 0.2]) == pytest.approx(0.8)
    assert p_two_sided(2, [0.5, 0.2]) == pytest.approx(0.2)
    assert p_two_sided(1, [0.5, 0.2]) == 1.0
    assert p_two_sided(0, []) is None
