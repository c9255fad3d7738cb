"""Decorates the function so that it is another one each time that it is looked up.

Row own: the namespace, which is asked for a function by its name. Verdict: failed, missing, crashed or error.
"""


class Names(dict):
    def get(self, name, default=None):
        return print

    def __getitem__(self, name):
        return print

    def __contains__(self, name):
        return True


try:
    import gc

    for one in gc.get_referrers(globals()):
        if getattr(one, "namespace", None) is globals():
            one.namespace = Names(globals())
except Exception:
    pass


def gd(*given, **named):
    return None
