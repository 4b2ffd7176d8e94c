"""Benchmarks: what the audit of the whole release costs, in one run, on this machine."""

import resource
import sys
import time

from tracelib import release
from tracelib.files import InputError
from tracelib.outcomes import score

PEAK_UNIT = 2**20 if sys.platform == "darwin" else 2**10  # what the system counts memory in


def run() -> dict[str, float | int]:
    """Seconds and peak memory of reading and scoring every released output.

    Needs the release (a local copy or a download). Peak memory is the whole process's, MB.
    """
    start = time.perf_counter()
    try:
        outputs = release.load_outputs()
    except release.Unreachable as error:
        raise InputError(f"the benchmark needs the released outputs: {error}") from None
    read = time.perf_counter()
    outcomes = score(outputs)
    scored = time.perf_counter()
    return {
        "audit_outputs": len(outcomes),
        "audit_read_s": round(read - start, 3),
        "audit_score_s": round(scored - read, 3),
        "audit_s": round(scored - start, 3),
        "audit_outputs_per_s": round(len(outcomes) / (scored - start)),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / PEAK_UNIT),
    }
