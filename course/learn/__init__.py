"""What a learner touches: checks, data sets and figures."""

from ..bundle.seeds import public_seed
from .visible import check

__all__ = ["check", "public_seed"]
