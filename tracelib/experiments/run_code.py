"""The modules that a run's key and record leave out, though the run's code imports them."""

MEMORY = "tracelib.experiments.memory"  # refuses a run that would not fit, and changes no result
TEXTS = "tracelib.datasets.teacher_texts"  # reads a teacher's texts, which few runs need
REAL_DATA = "tracelib.datasets.real_data"  # reads the release, which a twin does not need


def left_out(twin: bool, taught: bool = False) -> frozenset[str]:
    """The modules that a run on a twin, or on a dataset's own problems, does not depend on.

    A run is taught if it has a teacher's texts. They may be R1's, which need the release.
    """
    return frozenset({MEMORY} | ({REAL_DATA} if twin else set()) | (set() if taught else {TEXTS}))
