"""Separation in logistic regression: find the answers that the design predicts without exception.

A combination of columns separates the answers if all right answers lie on one side of it and all wrong
answers on the other (quasi-separation: some answers lie on the border). Then some odds are zero or infinite
and have no estimate (Albert and Anderson 1984). One linear program finds all separated answers (after Konis
2007).
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linprog
from scipy.sparse import eye_array, hstack


def overlapping(design: ArrayLike, right: ArrayLike) -> np.ndarray:
    """Which rows no combination of columns separates.

    A parameter that these rows identify has a finite estimate. The other rows do not change it.

    Args:
        design: (n, k) numbers.
        right: (n,) booleans.

    Returns:
        (n,) booleans; all true where nothing is separated.

    Raises:
        ValueError: the design has missing or infinite numbers, or (LinAlgError) the linear program failed.
    """
    design = np.asarray(design, float)
    if not np.isfinite(design).all():
        raise ValueError("the design has missing or infinite numbers")
    sizes = np.abs(design).max(axis=0, initial=0.0)
    design = design / np.where(sizes > 0, sizes, 1.0)  # scaling a column separates the same rows
    signs = np.where(np.asarray(right, bool), 1.0, -1.0)
    kinds, kind = np.unique(signs[:, None] * design, axis=0, return_inverse=True)
    rows, columns = kinds.shape
    # The program finds a direction that gives no kind a negative product and as many kinds as possible a
    # positive one. The sum of two such directions separates the kinds of both, and a direction can be
    # scaled: so one direction brings every kind that any direction separates to a product of one.
    cost = np.concatenate([np.zeros(columns), -np.ones(rows)])
    told = hstack([-kinds, eye_array(rows)])  # a kind scores at most its product
    bounds = [(None, None)] * columns + [(0, 1)] * rows
    found = linprog(cost, A_ub=told, b_ub=np.zeros(rows), bounds=bounds, method="highs")
    if not found.success:
        raise np.linalg.LinAlgError(f"separation is not known: {found.message}")
    return (found.x[columns:] < 0.5)[kind.ravel()]
