"""The datasets that the library knows, in the order in which tables and help list them.

A new dataset needs a folder that declares its `DATASET`, an import here, and a line in `DATASETS`.
"""

from functools import lru_cache

from tracelib.datasets.babi import dataset as babi
from tracelib.datasets.cotempqa import dataset as cotempqa
from tracelib.datasets.dataset import TWIN, Dataset
from tracelib.datasets.marco import dataset as marco

DATASETS = (
    cotempqa.DATASET,
    babi.DATASET,
    marco.DATASET,
)
NAMES = tuple(known.name for known in DATASETS)
TWINS = tuple(known.name + TWIN for known in DATASETS if known.generate)  # as commands name them
RELEASED = tuple(known.name for known in DATASETS if known.is_released)
TEACHERS = {"r1": cotempqa.DATASET.name}  # a teacher whose texts the release has -> their dataset
_BY_NAME = {known.name: known for known in DATASETS}


@lru_cache(maxsize=256)
def dataset(name: str) -> Dataset:
    """The dataset of this name. A name that is not listed is a user's own dataset, with all defaults."""
    return _BY_NAME.get(name) or Dataset(name)
