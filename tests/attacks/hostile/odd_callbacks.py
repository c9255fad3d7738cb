"""Asks for callbacks by numbers and names that are none, and by attributes.

Row own: the proxy, which serves callbacks. Verdict: crashed.
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


HEADS = (b"true", b"-1", b'"__class__"', b'"__globals__"', b"4611686018427387904", b"0.0", b"[0]", b"null")
calls = []


def gd(*given, **named):
    channel = worker()
    for head in HEADS:
        sent(channel, b'{"d":[["status","callback"],["function",' + head + b'],["args",{"t":[]}],["kwargs",{"d":[]}]]}')
        channel.receive()
