"""Begins an answer, and lets its bytes drip.

Row 62. Verdict: timeout. Long.
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


def gd(*given, **named):
    import time

    channel = worker()
    os.write(channel.fd, struct.pack("<IQI", 9_999, channel.request, 9_000))
    while True:
        os.write(channel.fd, b" ")
        time.sleep(0.02)
