"""Element-wise results in the memory of an operand that is not needed any more."""

from __future__ import annotations

from typing import Any

import numpy as np

PYTHON_REALS = (bool, int, float)


def into(out: Any, ufunc: np.ufunc, *operands: Any) -> Any:
    """`ufunc(*operands)`, written over `out`, which is one of them, where the result is like it.

    Shapes agree by the program's types, which are upper bounds of dtypes only: so dtypes are asked
    for here. In rows (C order) because NumPy then lays a new array out in rows too, whatever the
    order of the others: sums over the result add the same numbers in the same order.
    """
    if type(out) is np.ndarray and out.dtype.kind == "f":
        flags, dtype = out.flags, out.dtype
        if flags.c_contiguous and flags.writeable:
            for x in operands:
                if type(x) not in PYTHON_REALS and getattr(x, "dtype", None) is not dtype:
                    break
            else:
                return ufunc(*operands, out=out)
    return ufunc(*operands)
