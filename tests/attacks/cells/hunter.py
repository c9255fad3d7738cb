# A learner's own cell that hunts for secrets: memory, frames, files, environment, /proc. Loaded as text by the tests.
# A secret looks like `cnry` + 12 hex digits + the first 8 of their SHA-256, so that the hunter's own words are none.
import gc
import hashlib
import os
import re
import sys
import time

TOKEN = re.compile(rb"cnry([0-9a-f]{12})([0-9a-f]{8})")


def genuine(data):
    if isinstance(data, str):
        data = data.encode("utf-8", "replace")
    return any(hashlib.sha256(a).hexdigest()[:8].encode() == b for a, b in TOKEN.findall(data))


def in_objects():
    for one in gc.get_objects():
        try:
            if type(one) is dict:
                parts = [*one.keys(), *one.values()]
            elif type(one) in (list, tuple, set):
                parts = list(one)
            elif hasattr(one, "__code__"):
                parts = list(one.__code__.co_consts)
            else:
                continue
        except Exception:
            continue
        if any(genuine(part) for part in parts if type(part) in (str, bytes)):
            return True
    return False


def in_frames():
    frame = sys._getframe()
    while frame is not None:
        if genuine(repr(frame.f_globals)[:2_000_000]) or genuine(repr(frame.f_locals)[:2_000_000]):
            return True
        frame = frame.f_back
    return False


def in_environment():
    return genuine(repr(dict(os.environ)))


def in_own_memory():
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps:
            place, rights = line.split()[:2]
            start, stop = (int(end, 16) for end in place.split("-"))
            if rights.startswith("rw") and stop - start < 64 << 20:
                try:
                    memory.seek(start)
                    if genuine(memory.read(stop - start)):
                        return True
                except OSError:
                    pass
    return False


def in_other_processes():
    for name in os.listdir("/proc"):
        for part in ("environ", "cmdline"):
            try:
                with open(f"/proc/{name}/{part}", "rb") as file:
                    if genuine(file.read()):
                        return True
            except OSError:
                pass
    return False


def in_descriptors():
    for number in range(3, 256):
        try:
            if genuine(os.pread(number, 1 << 20, 0)):
                return True
        except OSError:
            pass
    return False


def in_files(places):
    until = time.monotonic() + 1.5
    for place in places:
        for folder, _, names in os.walk(place):
            for name in names:
                if time.monotonic() > until:
                    return False
                path = os.path.join(folder, name)
                try:
                    if not os.path.isfile(path):  # to open a pipe would wait for ever
                        continue
                    with open(path, "rb") as file:
                        if genuine(file.read(1 << 20)):
                            return True
                except OSError:
                    pass
    return False


def hunt(places=("/tmp", ".", "..", "/home", "/root", "/")):
    """Which hunts found a secret."""
    hunts = {
        "objects": in_objects,
        "frames": in_frames,
        "environment": in_environment,
        "own memory": in_own_memory,
        "other processes": in_other_processes,
        "descriptors": in_descriptors,
        "files": lambda: in_files(places),
    }
    found = []
    for name, one in hunts.items():
        try:
            if one():
                found.append(name)
        except Exception:
            pass
    return found
