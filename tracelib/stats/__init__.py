"""Estimates with intervals and tests: small pure functions, thin over statsmodels and scipy."""
