"""Which answers a logistic regression can learn from: those its design does not predict without exception.

Where some combination of columns is never right on one side and never wrong on the other (separation; with
ties on the border, quasi-separation), some odds are zero or infinite, and no estimate exists (Albert and
Anderson 1984). One linear program finds all answers that such a combination tells (after Konis 2007).
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linprog
from scipy.sparse import eye_array, hstack


def overlapping(design: ArrayLike, right: ArrayLike) -> np.ndarray:
    """Which rows no combination of columns tells apart without exception.

    What these rows identify has a finite estimate, the same with the other rows or without them.

    Args:
        design: (n, k) numbers.
        right: (n,) booleans.

    Returns:
        (n,) booleans; all true where nothing is separated.

    Raises:
        ValueError: numbers of the design are missing or infinite, or (LinAlgError) no solution was found.
    """
    design = np.asarray(design, float)
    if not np.isfinite(design).all():
        raise ValueError("the design has missing or infinite numbers")
    sizes = np.abs(design).max(axis=0, initial=0.0)
    design = design / np.where(sizes > 0, sizes, 1.0)  # a column's unit changes no sign that can be reached
    signs = np.where(np.asarray(right, bool), 1.0, -1.0)
    kinds, kind = np.unique(signs[:, None] * design, axis=0, return_inverse=True)
    rows, columns = kinds.shape
    # The largest number of kinds with a positive product, none having a negative one: a direction can be
    # scaled and directions added, so that all kinds that any direction separates reach one together.
    cost = np.concatenate([np.zeros(columns), -np.ones(rows)])
    told = hstack([-kinds, eye_array(rows)])  # what a kind reaches is at most its product
    bounds = [(None, None)] * columns + [(0, 1)] * rows
    found = linprog(cost, A_ub=told, b_ub=np.zeros(rows), bounds=bounds, method="highs")
    if not found.success:
        raise np.linalg.LinAlgError(f"separation is not known: {found.message}")
    return (found.x[columns:] < 0.5)[kind.ravel()]
