"""tracelib: check, replicate and extend trace-based knowledge distillation, step by step.

The package stays import-light: ``import tracelib`` loads nothing, each module what it needs.
"""

import logging

__version__ = "0.1.0"

# Imported by accelerate and peft, it would tell everybody without a GPU of kernels to download.
logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
