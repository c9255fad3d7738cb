"""Answers with messages of odd forms: lists for words, numbers for places, keys that are none.

Row own: the proxy, which reads the fields of an answer. Verdict: crashed, memory or error.
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


HEADS = (
    b'["status","notdata"],["kind",[]]',
    b'["status","missing"],["why",{"d":[]}]',
    b'["status","raised"],["type",["x"]],["cell",{"d":[]}],["line",-1]',
    b'["status","raised"],["type","BaseException"],["cell","check-gd"],["line",99999]',
    b'["status","ok"],["value",1],["changed",{"d":[[true,1],[7,1]]}]',
    b'["status","ok"],["value",1],["changed",[]]',
    b'["status","cell"],["id","check-gd"],["outputs",[]]',
    b'["status","memory"],["status","ok"]',
    b'["status","ready"]',
)
calls = []


def gd(*given, **named):
    calls.append(1)
    sent(worker(), b'{"d":[' + HEADS[len(calls) % len(HEADS)] + b"]}")
