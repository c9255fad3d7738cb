"""Two devices for the same tests: a card, through CuPy, and a stand-in that is as strict and needs none.

Each tells what its host waited for or copied (`listening`), and whether the device is still at work on what it was
given (`keep_busy`, `is_busy`).
"""

import gc
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.engine import strict_array


def to_device(device: Any, value: Any) -> Any:
    """A value with its NumPy arrays moved, in tuples too; lists stay, as they are what a learner may write."""
    if isinstance(value, np.ndarray):
        return device.xp.asarray(value)
    return tuple(to_device(device, part) for part in value) if isinstance(value, tuple) else value


class StandIn:
    """`strict_array`: what it hears is written down there by every method that waits or copies."""

    xp: Any = strict_array
    kind: Any = strict_array.StrictArray

    @contextmanager
    def listening(self) -> Iterator[list[str]]:
        """What the host waits for, or copies, in here."""
        with strict_array.waiting():
            strict_array.heard.clear()
            yield strict_array.heard

    def keep_busy(self, seconds: float) -> None:
        self.since = len(strict_array.heard)

    def is_busy(self) -> bool:
        return len(strict_array.heard) == self.since

    def wait(self) -> None:
        strict_array.heard.append("wait")

    def in_use(self) -> int:
        """How much is alive on the device: here arrays, on a card bytes."""
        return sum(type(one) is strict_array.StrictArray for one in gc.get_objects())

    def as_cupy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "cupy", strict_array)
        monkeypatch.setattr(strict_array, "cuda", SimpleNamespace(is_available=lambda: True), raising=False)


SPIN = r"""
extern "C" __global__ void spin(long long nanoseconds) {
    long long start, now;
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(start));
    do { asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now)); } while (now - start < nanoseconds);
}
"""


class Card:
    """A GPU. Two witnesses, as neither alone is enough.

    *Listening.* All that brings a value to the host (`float`, `bool`, `int`, `item`, `tolist`, masks, `asnumpy`) goes
    through `cupy.ndarray.get`: `ndarray` is a Python class above an extension type, whose compiled methods look a
    replaced `get` up (tried with 14.2). What goes the other way takes page-locked memory first, for which an allocator
    can be set. Streams, events and the runtime's functions are replaced where Python calls them.

    *Keeping busy.* Compiled code may call CUDA past all of these. So the stream is given a kernel that does nothing for
    half a second: whatever waits for the device, in whatever way, returns after it. If the stream still has work when
    the host comes out of a step, the host has waited for nothing.

    Not used: `cupyx.allow_synchronize`, deprecated since CuPy 10, which sees only `get` and `Device.synchronize`; and
    stream capture, which refuses every wait but cuBLAS as well.
    """

    def __init__(self, cupy: ModuleType) -> None:
        self.xp: Any = cupy
        self.kind = self.xp.ndarray
        self.spin = self.xp.RawKernel(SPIN, "spin")

    @contextmanager
    def listening(self) -> Iterator[list[str]]:
        """What the host waits for, or copies, in here."""
        heard: list[str] = []
        cuda, pool = self.xp.cuda, self.xp.get_default_pinned_memory_pool()

        def noting(function: Any, name: str) -> Any:
            def noted(*args: Any, **kwargs: Any) -> Any:
                heard.append(name)
                return function(*args, **kwargs)

            return noted

        places = [(self.kind, "get"), (cuda.Stream, "synchronize"), (cuda.Event, "synchronize")]
        places += [(cuda.runtime, name) for name in ("deviceSynchronize", "streamSynchronize", "eventSynchronize")]
        places += [(cuda.runtime, name) for name in ("memcpy", "memcpyAsync")]
        with pytest.MonkeyPatch.context() as patch:
            for owner, name in places:
                patch.setattr(owner, name, noting(getattr(owner, name), name))
            cuda.set_pinned_memory_allocator(noting(pool.malloc, "asarray"))
            try:
                yield heard
            finally:
                cuda.set_pinned_memory_allocator(pool.malloc)

    def keep_busy(self, seconds: float) -> None:
        self.spin((1,), (1,), (np.int64(seconds * 1e9),))

    def is_busy(self) -> bool:
        return not self.xp.cuda.get_current_stream().done

    def wait(self) -> None:
        self.xp.cuda.get_current_stream().synchronize()

    def in_use(self) -> int:
        """How much is alive on the device: here bytes, on the stand-in arrays."""
        return self.xp.get_default_memory_pool().used_bytes()

    def as_cupy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is CuPy."""


@cache
def card() -> tuple[Card | None, str]:
    """The card, or why there is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # CuPy's own, on importing
        try:
            import cupy
        except ImportError:
            return None, "CuPy is not installed"
        if not cupy.cuda.is_available():
            return None, f"CuPy {cupy.__version__} finds no GPU"
    return Card(cupy), ""
