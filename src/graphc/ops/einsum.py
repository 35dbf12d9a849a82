"""einsum: sums of products by index labels.

The op is a normal form: explicit output, no ellipsis, no label twice in one operand, and every
label of an operand in the output or in another operand. `einsum` brings NumPy's notation into it by
taking diagonals and summing lone labels first. In that form the adjoint is an einsum again: swap
the operand's labels with the output's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_letters
from typing import Any

import numpy as np

from graphc.ir.core import Value
from graphc.ir.opdef import Pullback
from graphc.ir.types import Array, Dim, Type
from graphc.ops import arguments as args
from graphc.ops.arguments import numpy_op
from graphc.ops.families import general
from graphc.ops.infer import array_types
from graphc.ops.tensor import apply, numpy_function
from graphc.runtime import linalg as kernels

__all__ = ["einsum"]

Attrs = dict[str, Any]

# -- the op ---------------------------------------------------------------------------------------


def _split(subscripts: str) -> tuple[list[str], str]:
    inputs, output = subscripts.split("->")
    return inputs.split(","), output


def _einsum_infer(operands: Sequence[Value], attrs: Attrs) -> list[Type]:
    inputs, output = _split(attrs["subscripts"])
    types = array_types(operands)
    sizes: dict[str, Dim] = {}
    for labels, t in zip(inputs, types, strict=True):
        for label, dim in zip(labels, t.shape, strict=True):
            sizes[label] = _merge(label, sizes.get(label, 1), dim)
    dtype = np.result_type(*(t.dtype for t in types))
    return [Array(dtype, tuple(sizes[label] for label in output))]


def _merge(label: str, a: Dim, b: Dim) -> Dim:
    """The length that a label has, where 1 broadcasts."""
    if a == 1 or b == 1:
        return b if a == 1 else a
    if a is None or b is None:
        return b if a is None else a
    if a != b:
        raise args.shape_error(f"einsum: index '{label}' has the lengths {a} and {b}")
    return a


def _einsum_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    inputs, output = _split(attrs["subscripts"])
    result: list[Any] = []
    for i, (need, labels, x) in enumerate(zip(needs, inputs, operands, strict=True)):
        if not need:
            result.append(None)
            continue
        others = [k for k in range(len(inputs)) if k != i]
        subscripts = ",".join([output, *(inputs[k] for k in others)]) + "->" + labels
        product = apply("einsum", cts[0], *(operands[k] for k in others),
                        subscripts=subscripts, optimize=attrs["optimize"])  # fmt: skip
        result.append(apply("sum_to_like", product, x))
    return result


general("einsum", kernels.einsum, infer=_einsum_infer, vjp=Pullback(_einsum_rule),
        code="np.einsum({subscripts!r}, {args}, optimize={optimize!r})",
        doc="A sum of products by index labels, in normal form.")  # fmt: skip

# -- NumPy's notation -----------------------------------------------------------------------------


@dataclass
class _Term:
    labels: str
    x: Any


@numpy_function(np.einsum)
def einsum(subscripts: Any, *operands: Any, optimize: Any = False, **options: Any) -> Any:
    """np.einsum with a subscripts string: ellipsis, repeated labels, implicit output included.

    >>> einsum("ij,j->i", np.eye(2), np.array([1.0, 2.0])).numpy()
    array([1., 2.])
    """
    if not isinstance(subscripts, str):
        raise args.unsupported(
            "np.einsum", "operands before their labels",
            hint="write the labels as a string: np.einsum('ij,jk->ik', a, b)",
        )  # fmt: skip
    if options:
        raise args.unsupported("np.einsum", f"the option {next(iter(options))}=")
    terms, output = _read(subscripts, [args.as_array(x) for x in operands])
    terms = [_diagonals(term) for term in terms]
    terms = [_lone_sums(i, terms, output) for i in range(len(terms))]
    if len(terms) == 1:
        order = tuple(terms[0].labels.index(label) for label in output)
        return apply("transpose", terms[0].x, axes=order)
    text = ",".join(term.labels for term in terms) + "->" + output
    optimize = optimize if isinstance(optimize, bool) else str(optimize)
    return apply("einsum", *(term.x for term in terms), subscripts=text, optimize=optimize)


def _read(subscripts: str, operands: list[Any]) -> tuple[list[_Term], str]:
    """The terms and the output labels, explicit and without ellipsis."""
    text = subscripts.replace(" ", "")
    inputs, arrow, output = text.partition("->")
    parts = inputs.split(",")
    if len(parts) != len(operands):
        raise args.shape_error(
            f"einsum: {len(parts)} operands in '{subscripts}', but {len(operands)} given"
        )
    unused = [letter for letter in ascii_letters if letter not in text]
    widest = max(args.ndim(x) - len(p.replace("...", "")) for p, x in zip(parts, operands))
    shared = "".join(unused[: max(widest, 0)])
    terms = []
    for part, x in zip(parts, operands, strict=True):
        extra = args.ndim(x) - len(part.replace("...", ""))
        labels = part.replace("...", shared[len(shared) - extra :]) if extra >= 0 else part
        if len(labels) != args.ndim(x) or not set(labels) <= set(ascii_letters):
            raise args.shape_error(
                f"einsum: '{part}' does not fit an operand of {args.ndim(x)} dimensions"
            )
        terms.append(_Term(labels, x))
    shared = shared if "..." in inputs else ""
    if not arrow:
        names = inputs.replace("...", "").replace(",", "")
        output = "..." + "".join(sorted(c for c in set(names) if names.count(c) == 1))
    result = output.replace("...", shared)
    known = {label for term in terms for label in term.labels}
    if len(set(result)) != len(result) or not set(result) <= known:
        raise args.shape_error(
            f"einsum: the output '{output}' is not made of input labels, once each"
        )
    return terms, result


def _diagonals(term: _Term) -> _Term:
    """Replace labels that occur twice by the diagonal of their axes."""
    labels, x = term.labels, term.x
    while (twice := next((c for c in labels if labels.count(c) > 1), None)) is not None:
        i = labels.index(twice)
        j = labels.index(twice, i + 1)
        x = apply("diagonal", x, offset=0, axis1=i, axis2=j)
        labels = labels[:i] + labels[i + 1 : j] + labels[j + 1 :] + twice
    return _Term(labels, x)


def _lone_sums(index: int, terms: list[_Term], output: str) -> _Term:
    """Sum over the labels that no other term and not the output has."""
    term = terms[index]
    elsewhere = set(output).union(*(t.labels for i, t in enumerate(terms) if i != index))
    axes = tuple(i for i, label in enumerate(term.labels) if label not in elsewhere)
    if not axes:
        return term
    kept = "".join(label for label in term.labels if label in elsewhere)
    return _Term(kept, numpy_op(np.sum)(term.x, axis=axes, dtype=args.dtype_of(term.x)))
