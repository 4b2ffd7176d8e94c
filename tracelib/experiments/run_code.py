"""The modules that a run's key and record leave out, though the run's code imports them."""

MEMORY = "tracelib.experiments.memory"  # refuses a run that would not fit, and changes no result
REAL_DATA = "tracelib.datasets.real_data"  # reads the release, which a twin does not need


def left_out(twin: bool) -> frozenset[str]:
    """The modules that a run on a twin, or on a dataset's own problems, does not depend on."""
    return frozenset({MEMORY, REAL_DATA} if twin else {MEMORY})
