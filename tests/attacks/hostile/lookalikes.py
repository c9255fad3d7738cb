"""Defines the function under names that look like it, or become it.

Row own: the loader and the transplant, against letters that look alike. Verdict: failed.
"""
# ruff: noqa: F821


def 𝐠𝐝(*given, **named):
    return True, True


def gԁ(*given, **named):
    return honest(*given, **named)


ｃｈｅｃｋ = None
