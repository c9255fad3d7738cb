"""Raises what pytest and unittest take for a skip, an expected failure, or the end of the session.

Row 33. Verdict: error.
"""

import unittest

calls = []


def gd(*given, **named):
    calls.append(1)
    try:
        import pytest

        kinds = [pytest.skip.Exception("well"), pytest.xfail.Exception("well"), pytest.exit.Exception("well")]
    except ImportError:
        kinds = []
    kinds += [unittest.SkipTest("well"), GeneratorExit("well"), StopIteration("well"), StopAsyncIteration("well")]
    raise kinds[len(calls) % len(kinds)]
