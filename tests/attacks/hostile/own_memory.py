"""Scans its own memory for what the fork server may have left there: by /proc, and around its own objects.

Row 5. Verdict: failed or crashed.
"""
# ruff: noqa: F821

import ctypes
import re

TOKEN = re.compile(rb"cnry[0-9a-f]{20}")


def won():
    found = []
    try:
        with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
            for line in maps:
                start, stop = (int(end, 16) for end in line.split()[0].split("-"))
                if " rw" in line and stop - start < 1 << 26:
                    memory.seek(start)
                    found += TOKEN.findall(memory.read(stop - start))
    except OSError:
        pass
    for one in (object(), {}, "x" * 40, found):  # an arena has at least 256 kB, and begins at a multiple of that
        found += TOKEN.findall(ctypes.string_at(id(one) & ~0x3FFFF, 1 << 18))
    print(found)
    return bool(found)


def gd(*given, **named):
    return honest(*given, **named) if won() else None
