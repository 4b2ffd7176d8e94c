"""tracelib: check, replicate and extend trace-based knowledge distillation, step by step.

The package stays import-light: ``import tracelib`` loads nothing, each module what it needs.
"""

__version__ = "0.1.0"
