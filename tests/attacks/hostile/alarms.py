"""Takes all signals for itself, and then runs for ever.

Row 70, 53. Verdict: timeout.
"""

import signal

for number in range(1, 32):
    try:
        signal.signal(number, lambda *given: None)
    except (OSError, ValueError):
        pass


def gd(*given, **named):
    while True:
        try:
            signal.alarm(0)
        except BaseException:
            pass
