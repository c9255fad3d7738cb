"""Returns pickles, and objects that would run code when they are read.

Row 54, 58. Verdict: failed or error.
"""

import os
import pickle


class Bomb:
    def __reduce__(self):
        return os.system, ("touch /tmp/pwned",)


def gd(*given, **named):
    return pickle.dumps(Bomb()), Bomb()
