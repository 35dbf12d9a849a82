"""What is refused while a function is traced: one table. (What its syntax says already is
`fence.py`'s.)

A row has a name, what is said (with fields that the place fills in), and the way out. The tests
have one program for each row; docs/language.md shows the table.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from graphc.errors import ConversionError, GraphcError, StagingError, UnsupportedError
from graphc.ops.trace import Unstageable
from graphc.source import located


class Refusal(NamedTuple):
    """One refused thing."""

    name: str
    message: str
    way_out: str
    kind: type[GraphcError] = StagingError


TABLE = (
    Refusal(
        "unknown call",
        "graphc cannot see inside {name}: it may have effects, and tracing would run them once "
        "instead of at every call",
        "declare it with graphc.pure(fn) if it has none, call it with graphc.host_call when the "
        "graph runs, or outside the decorated function",
        ConversionError,
    ),
    Refusal(
        "pure without result",
        "{name} is declared pure, and its arguments are known only when the graph runs",
        "say what it returns, graphc.pure(fn, result=…), so that it can be called then",
        ConversionError,
    ),
    Refusal(
        "host object",
        "this {kind} is made or changed by the trace, and cannot be used by a host call as itself",
        "give the numbers and arrays in it as arguments, or use an object from outside",
    ),
    Refusal(
        "host closure",
        "the function {name}, which the graph shall call, uses variables of the function being "
        "traced",
        "give them as arguments",
    ),
    Refusal(
        "inside of a function",
        "{name} of a function is not what its traced code uses",
        "give what is in it as an argument, or make it a global variable",
    ),
    Refusal(
        "unsupported function",
        "{name} is not supported on graphc tensors",
        "use a supported function (docs/language.md lists them), or graphc.host_call",
        UnsupportedError,
    ),
    Refusal(
        "unseen effect",
        "{what} may have effects that graphc cannot see; tracing would run them once instead of at "
        "every call",
        "assign to a plain attribute, list, dict or array, or do it outside the decorated function",
    ),
    Refusal(
        "different objects",
        "'{name}' is {a} {where_a} and {b} {where_b}; an object that is made there cannot depend "
        "on a traced condition",
        "make it before, use numbers, arrays, texts or tuples for it, or decide before calling the "
        "decorated function",
    ),
    Refusal(
        "set on one path",
        "'{name}' is set {where}, and not {other}; whether it is there would depend on the data",
        "set it on both paths, or before them: to None, for instance",
    ),
    Refusal(
        "different structures",
        "'{name}' has different structures {where_a} (-) and {where_b} (+):\n{shown}",
        "give it the same nesting, lengths and keys on both paths, so that one graph serves both",
    ),
    Refusal(
        "chosen key",
        "which of {what} this is, is known only when the graph runs; a key must be known before",
        "write an `if` for each of them",
    ),
    Refusal(
        "items of several things",
        "this is a container of one length or another, as the data say, and is gone over here",
        "ask for its length first, or give it the same length on both paths",
    ),
    Refusal(
        "order of keys",
        "a {kind} gets new keys in one order {where_a} and in another {where_b}",
        "set them in one order on both paths",
    ),
    Refusal(
        "different ranks",
        "'{name}' has type {a} {where_a} and type {b} {where_b}, which do not merge",
        "give it the same number of dimensions on both paths",
    ),
    Refusal(
        "object out of a loop",
        "'{name}' may be unbound here, or {found} that a staged loop or branch has made; only "
        "numbers, arrays and None can come out of those",
        "bind it before the loop or branch, or use it only inside",
    ),
    Refusal(
        "changed in a try",
        "{name} is changed in this `try` before something that may raise, and a handler would see "
        "it half changed",
        "change it after the `try`, or in a `try` of its own",
    ),
    Refusal(
        "caught class",
        "which class an exception is of is known only when the graph runs",
        "tell exceptions apart by `except` clauses",
    ),
    Refusal(
        "context manager",
        "graphc does not know what entering a {kind} does when the graph runs",
        "enter it outside the decorated function",
    ),
    Refusal(
        "swallowed",
        "this context manager swallows an exception that is raised when the graph runs",
        "write try and except",
    ),
    Refusal(
        "no exception",
        "`except` is given {name}, which is no class of exceptions",
        "give it a class of exceptions, or a tuple of them",
    ),
    Refusal(
        "caught object",
        "a {kind} holds more than its arguments, which a graph does not make anew, and a "
        "handler gives it a name",
        "handle it without a name",
    ),
    Refusal(
        "traced text",
        "this text contains traced values and is known only when the graph runs",
        "print it, raise it, or format after the decorated function has returned",
    ),
    Refusal("%*d", "`%*d` with traced values is not supported", "use an f-string"),
    Refusal(
        "print to a file",
        "print(file=…) inside a decorated function is not supported",
        "print to standard output, or write after the function has returned",
    ),
    Refusal(
        "unknown type",
        "the type of this value is known only when the graph runs",
        "use isinstance(…), or `is None`",
    ),
    Refusal(
        "identity of numbers",
        "whether two numbers are one object is up to Python's interpreter",
        "compare them with ==",
    ),
    Refusal(
        "pattern",
        "these alternatives bind names, and look into a structure that holds traced values",
        "write a `case` for each alternative, or `if`",
    ),
    Refusal(
        "order of objects",
        "{name}() can compare traced numbers, and tuples of them of one length; not these values",
        "give it a key= that is a number, or use np.argsort",
    ),
    Refusal(
        "choice of objects",
        "{name}() would have to choose between values of type {kind} by traced values",
        "choose between numbers or arrays: an index, for instance",
    ),
    Refusal(
        "unknown length",
        "a {kind} of a number of items that is known only when the graph runs",
        "use a list",
    ),
    Refusal(
        "endless loop",
        "this loop leaves an iterator without an end when the data say, and cannot be unrolled",
        "iterate over a range or itertools.count of ints, or write a `while` loop",
    ),
    Refusal(
        "long generator",
        "{name}() of a generator of more than {most} traced items",
        "write it as a `for` loop with `break`, or give it a list",
    ),
    Refusal(
        "strict zip",
        "zip(strict=True) of iterables whose lengths are known only when the graph runs",
        "compare the lengths with `if` and raise, then zip without strict",
    ),
    Refusal("iter sentinel", "iter(function, sentinel) is not supported", "write a `while` loop"),
    Refusal(
        "iterator again",
        "this iterator has been consumed before, perhaps in part",
        "make it again, or iterate over a list",
    ),
    Refusal(
        "iterator from outside",
        "an iterator is consumed in a loop or branch that it comes into from outside",
        "make it where it is consumed, or iterate over a list",
        Unstageable,
    ),
    Refusal(
        "late generator",
        "this runs when the comprehension that made it has gone on: it would see the last item",
        "make a list of it at once",
    ),
    Refusal(
        "staged list",
        "graphc.staged(…) cannot make a loop of the graph of a {kind}",
        "give it a range, an array (np.stack of equal items), or zip or enumerate of these",
    ),
    Refusal(
        "staged elsewhere",
        "graphc.staged(…) is for `for` loops; this is not one",
        "write `for item in graphc.staged(…):`",
    ),
    Refusal(
        "Python's own",
        "Python met a traced value here, and said: {error}",
        "use operators, NumPy or math on it, or compute this outside the decorated function",
    ),
)
ROWS = {row.name: row for row in TABLE}


def refusal(name: str, where: Any = None, /, **fields: Any) -> GraphcError:
    """The error of a row, at the user's line."""
    row = ROWS[name]
    error: GraphcError = located(row.kind, row.message.format(**fields), where, row.way_out)
    return error
