"""How fast the engine is, beside hand-written NumPy and other engines: ``python -m tests.benchmarks.engine``."""
