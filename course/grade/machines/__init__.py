"""Grading on many machines, through Dask.distributed: the supervisor's side, the far side, and the folder between."""
