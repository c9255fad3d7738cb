"""Raises thousands of times while it is loaded, in words that are megabytes long.

Row own: the report on loading, which carries what the learner's exceptions say. Verdict: failed or crashed.
"""


class Loud(Exception):
    def __str__(self):
        return "zqxj" * 100_000


def loud():
    raise Loud


x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()
x = loud()


class Sliced(str):
    def __getitem__(self, key):
        return self * 9

    __str__ = __getitem__


class Worse(Exception):
    msg = Sliced("zqxj" * 10_000)


def worse():
    raise Worse


y = worse()


def gd(*given, **named):
    return None
