"""Raises exceptions whose classes lie about their ancestors.

Row own: the worker, which names the nearest built-in type of an exception. Verdict: error or crashed.
"""

calls = []


class Meta(type):
    def mro(cls):
        return [cls, *ValueError.__mro__]

    def __getattribute__(cls, name):
        if name in ("__mro__", "__name__"):
            calls.append(name)
            raise SystemExit(0) if len(calls) % 2 else KeyError("zqxj")
        return super().__getattribute__(name)


class Liar(ValueError, metaclass=Meta):
    __class__ = property(lambda self: AssertionError)


def gd(*given, **named):
    raise Liar
