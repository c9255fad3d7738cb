"""Hands over pages that call themselves PNG, and pictures with pages behind them.

Row own: the display, which shows bytes of a learner's as a picture. Verdict: failed. Shown.
"""

import struct
import zlib


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


HEAD = b"\x89PNG\r\n\x1a\n"
EVIL = b"<script>alert('zqxj')</script>"
KINDS = (
    HEAD + EVIL,
    HEAD + chunk(b"IHDR", struct.pack(">IIBBBBB", 1 << 30, 1 << 30, 8, 2, 0, 0, 0)) + chunk(b"IEND", b""),
    HEAD + chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 8, 2, 0, 0, 0)) + chunk(b"IEND", b"") + EVIL,
    b"GIF89a" + EVIL,
)


class Picture:
    def __init__(self, data):
        self.data = data

    def _repr_png_(self):
        return self.data


if "get_ipython" in globals():
    display(Picture(KINDS[2]))  # noqa: F821


def gd(*given, **named):
    return None
