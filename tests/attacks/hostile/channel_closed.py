"""Closes its channel, or puts another descriptor in its place.

Row 69. Verdict: crashed.
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
    channel = worker()
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, channel.fd)
    os.closerange(0, 64)
