"""Answers with half a million empty lists, and with a generator two hundred times.

Row own: the decoder of the wire, with frames that no encoder makes. Verdict: crashed or failed.
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


def gd(loss_and_grad, params, *given, **named):
    many = b"[" + b"[]," * 500_000 + b"[]]" if "W1" in params else b"[" + b'{"g":[1,1,0,0]},' * 200 + b"0]"
    sent(worker(), b'{"d":[["status","ok"],["value",' + many + b'],["changed",{"d":[]}]]}')
