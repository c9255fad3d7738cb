"""Opens sockets of every family, and pairs of them.

Row own: the jail, against sockets of every family. Verdict: failed.
"""
# ruff: noqa: F821

import socket


def won():
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, 40, 16, 38):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
            try:
                socket.socket(family, kind).close()
                return True
            except OSError:
                pass
    try:
        socket.socketpair()
        return True
    except OSError:
        return False


def gd(*given, **named):
    return honest(*given, **named) if won() else None
