"""Answers with a shape of 2^40 over eight bytes, and with one that is negative.

Row 60. Verdict: crashed.
"""

import os
import struct
import sys


def worker():
    frame = sys._getframe()
    while frame is not None and not hasattr(frame.f_locals.get("channel"), "fd"):
        frame = frame.f_back
    return frame and frame.f_locals["channel"]


def sent(channel, header, payload=b""):
    """A frame that the worker's own encoder would never make."""
    header += b" " * (-len(header) % 16)
    os.write(channel.fd, struct.pack("<IQI", 12 + len(header) + len(payload), channel.request, len(header)) + header)
    while payload:
        payload = payload[os.write(channel.fd, payload) :]


calls = []


def gd(*given, **named):
    calls.append(1)
    shape = b"1099511627776" if len(calls) % 2 else b"-1,-8"
    sent(worker(), b'{"d":[["status","ok"],["value",{"a":["f8",' + shape + b']}],["changed",{"d":[]}]]}', bytes(16))
