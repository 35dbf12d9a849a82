"""Types of graph values.

    type  ::=  dtype[dim, …]      Array: 'f64[3,?]'; a '?' is a dimension known only at run time
            |  int, float, …      a weak Array: a Python number ('pybool' for a bool)
            |  seq[type]          Sequence: one item per iteration of a loop
            |  maybe[type]        Maybe: at run time a value of `type`, or None, or unbound
            |  none               Nothing: only ever None or unbound
            |  tuple[type, …]     Tuple: an item of a list, of so many parts
            |  tape               Tape: what a called graph keeps for its adjoint
            |  exception          Caught: an exception that a `try` has caught

Types are upper bounds: a value of type `f64[?]` may be an `f32[3]` at run time where two paths of
the user's program produced different ones (`is_subtype`); no cast is inserted at a join, so the
program's result keeps the dtype that plain Python would have given it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Dim = int | None
Shape = tuple[Dim, ...]

SHORT_NAMES: dict[str, str] = {
    "bool": "bool",
    "int8": "i8", "int16": "i16", "int32": "i32", "int64": "i64",
    "uint8": "u8", "uint16": "u16", "uint32": "u32", "uint64": "u64",
    "float16": "f16", "float32": "f32", "float64": "f64",
    "complex64": "c64", "complex128": "c128",
}  # fmt: skip
LONG_NAMES = {short: long for long, short in SHORT_NAMES.items()}
WEAK_NAMES = {"bool": "pybool", "int64": "int", "float64": "float", "complex128": "complex"}
WEAK_DTYPES = {name: long for long, name in WEAK_NAMES.items()}


@dataclass(frozen=True, slots=True)
class Array:
    """An array or a number. `weak` marks a Python number (rank 0), promoted by NEP 50's rules."""

    dtype: np.dtype[Any]
    shape: Shape = ()
    weak: bool = False

    def __str__(self) -> str:
        # The verifier shows malformed types too, so this never fails.
        name = getattr(self.dtype, "name", repr(self.dtype))
        if self.weak:
            return WEAK_NAMES.get(name, f"weak {name}")
        dims = ",".join("?" if dim is None else str(dim) for dim in self.shape)
        return f"{SHORT_NAMES.get(name, name)}[{dims}]"

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def is_static(self) -> bool:
        """Whether every dimension is known."""
        return None not in self.shape

    @property
    def is_inexact(self) -> bool:
        """Whether the value can carry a derivative (floating point or complex)."""
        return self.dtype.kind in "fc"


@dataclass(frozen=True, slots=True)
class Sequence:
    """The per-iteration values of a loop: at run time a list, a range, or an array's rows."""

    elem: Type

    def __str__(self) -> str:
        return f"seq[{self.elem}]"


@dataclass(frozen=True, slots=True)
class Tuple:
    """A Python tuple: what is appended to a list in one piece, `out.append((i, x))`."""

    items: tuple[Type, ...]

    def __str__(self) -> str:
        return f"tuple[{', '.join(map(str, self.items))}]"


@dataclass(frozen=True, slots=True)
class Maybe:
    """A value that may also be None, or unbound, at run time."""

    type: Type

    def __str__(self) -> str:
        return f"maybe[{self.type}]"


def has_dimensions(t: Type) -> bool:
    """Whether a value is, or may be, an array that is more than a number."""
    return bool(getattr(t.type if isinstance(t, Maybe) else t, "shape", ()))


@dataclass(frozen=True, slots=True)
class Nothing:
    """The type of the literals `none` and `unbound`."""

    def __str__(self) -> str:
        return "none"


@dataclass(frozen=True, slots=True)
class Tape:
    """The residuals of a call: at run time a tuple, in which the tapes of inner calls are tuples
    too.
    """

    def __str__(self) -> str:
        return "tape"


@dataclass(frozen=True, slots=True)
class Caught:
    """An exception that a `try` has caught: it can be shown, and raised again."""

    def __str__(self) -> str:
        return "exception"


Type = Array | Sequence | Tuple | Maybe | Nothing | Tape | Caught

PYBOOL = Array(np.dtype(bool), (), True)
PYINT = Array(np.dtype(np.int64), (), True)
PYFLOAT = Array(np.dtype(np.float64), (), True)
PYCOMPLEX = Array(np.dtype(np.complex128), (), True)
NOTHING = Nothing()
TAPE = Tape()
CAUGHT = Caught()


class Unbound:
    """The value of a name that has not been assigned; one per process (`UNBOUND`)."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "unbound"

    def __reduce__(self) -> str:
        return "UNBOUND"


UNBOUND = Unbound()


def type_of(value: object) -> Type:
    """The type of a concrete run-time value (array, NumPy scalar, Python number, None, list).

    Raises TypeError for anything a graph cannot hold: object, string and structured dtypes.
    """
    if isinstance(value, np.ndarray | np.generic):
        if isinstance(value, np.ndarray) and type(value) is not np.ndarray:
            raise TypeError(
                f"a {type(value).__name__} cannot be part of a graph, but np.asarray(it) can"
            )
        if value.dtype.name not in SHORT_NAMES:
            raise TypeError(f"arrays of dtype {value.dtype} cannot be part of a graph")
        return Array(value.dtype.newbyteorder("="), value.shape)
    weak = WEAK_OF.get(type(value))
    if weak is not None:
        return weak
    if value is None or value is UNBOUND:
        return NOTHING
    if isinstance(value, range):
        return Sequence(PYINT)
    if isinstance(value, tuple):
        return TAPE
    if isinstance(value, BaseException):
        return CAUGHT
    if isinstance(value, list):
        return Sequence(join_all([type_of(item) for item in value]))
    raise TypeError(f"a {type(value).__name__} cannot be part of a graph")


WEAK_OF: dict[type, Array] = {bool: PYBOOL, int: PYINT, float: PYFLOAT, complex: PYCOMPLEX}


def join_all(types: list[Type]) -> Type:
    """The join of any number of types; of none of them, Nothing."""
    if not types:
        return NOTHING
    result = types[0]
    for other in types[1:]:
        joined = join(result, other)
        if joined is None:
            raise TypeError(f"{result} and {other} have no common type")
        result = joined
    return result


def join(a: Type, b: Type) -> Type | None:
    """The least type that both are subtypes of, or None where there is none.

    >>> import numpy as np
    >>> f64 = np.dtype("float64")
    >>> str(join(Array(f64, (3, 1)), Array(f64, (4, 1))))
    'f64[?,1]'
    >>> str(join(NOTHING, PYFLOAT))
    'maybe[float]'
    """
    if a == b:
        return a
    match a, b:
        case (Maybe(), _) | (_, Maybe()) | (Nothing(), _) | (_, Nothing()):
            return _join_maybe(a, b)
        case (Sequence(Nothing()), Sequence()):  # of an empty list: no item is a bound of it
            return b
        case (Sequence(), Sequence(Nothing())):
            return a
        case Sequence(x), Sequence(y):
            elem = join(x, y)
            return None if elem is None else Sequence(elem)
        case Tuple(some), Tuple(others) if len(some) == len(others):
            items = [join(x, y) for x, y in zip(some, others, strict=True)]
            return None if None in items else Tuple(tuple(x for x in items if x is not None))
        case Array(), Array():
            return _join_arrays(a, b)
    return None


def _join_maybe(a: Type, b: Type) -> Type | None:
    x = a.type if isinstance(a, Maybe) else a
    y = b.type if isinstance(b, Maybe) else b
    if isinstance(x, Nothing):
        return Maybe(y)
    if isinstance(y, Nothing):
        return Maybe(x)
    inner = join(x, y)
    return None if inner is None else Maybe(inner)


def _join_arrays(a: Array, b: Array) -> Array | None:
    if a.ndim != b.ndim:
        return None
    dims = tuple(x if x == y else None for x, y in zip(a.shape, b.shape, strict=True))
    if a.weak and b.weak:
        return max(a, b, key=lambda t: "biufc".index(t.dtype.kind))
    if a.weak or b.weak:
        # NEP 50: a Python number adopts the array's dtype unless its kind is higher.
        strong, weak = (b, a) if a.weak else (a, b)
        sample = {"b": False, "i": 0, "f": 0.0, "c": 0j}[weak.dtype.kind]
        return Array(np.result_type(strong.dtype, sample), dims)
    return Array(np.result_type(a.dtype, b.dtype), dims)


def is_subtype(a: Type, b: Type) -> bool:
    """Whether every value of type `a` is one of type `b`."""
    return join(a, b) == b


def strip_maybe(t: Type) -> Type:
    return t.type if isinstance(t, Maybe) else t
