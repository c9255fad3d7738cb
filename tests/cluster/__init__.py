"""Grading on many machines, with real Dask schedulers and workers on loopback."""
