"""Sends outputs for cells that are not its own, before their time, from inside the display.

Row own: the collector of what is shown, which is told by the worker which cell it was. Verdict: failed. Shown.
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


if "get_ipython" in globals():
    channel = None
    frame = sys._getframe()
    while frame is not None and channel is None:
        inside = frame.f_locals.get("send")
        channel = inside.__closure__[0].cell_contents if getattr(inside, "__closure__", None) else None
        frame = frame.f_back
    for cell in (b'"check-gd"', b'"learner"', b'["x"]', b'{"a":["f8",0]}', b'"function-gd"'):
        if hasattr(channel, "fd"):
            sent(channel, b'{"d":[["status","cell"],["id",' + cell + b'],["outputs",[{"t":["html","<b>zqxj"]}]]]}')


def gd(*given, **named):
    return None
