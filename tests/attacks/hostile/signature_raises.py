"""Has a signature that leaves the process, and another name for each who asks.

Row own: the worker, which asks a function for its signature. Verdict: error, crashed or failed.
"""


class Function:
    @property
    def __signature__(self):
        raise SystemExit(0)

    @property
    def __name__(self):
        raise KeyboardInterrupt

    def __call__(self, *given, **named):
        return True, True


gd = Function()
