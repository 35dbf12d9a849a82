"""The forms of docs/forms.md in plain Python: what each means when nothing is traced.

This is the reference that the differential tests run rewritten functions with, and the shortest
complete description of the forms. There is no graph here: every form does what the statement it
stands for does.
"""

from __future__ import annotations

import operator

from graphc.frontend import matching

_COMPARE = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "is": operator.is_,
    "is not": operator.is_not,
    "in": lambda item, container: item in container,
    "not in": lambda item, container: item not in container,
}
_AUGMENTED = {
    "+=": operator.iadd,
    "-=": operator.isub,
    "*=": operator.imul,
    "/=": operator.itruediv,
    "//=": operator.ifloordiv,
    "%=": operator.imod,
    "**=": operator.ipow,
    "@=": operator.imatmul,
    "&=": operator.iand,
    "|=": operator.ior,
    "^=": operator.ixor,
    "<<=": operator.ilshift,
    ">>=": operator.irshift,
}


class Unbound:
    """What a variable holds before it is bound."""

    def __init__(self, name):
        self.name = name


class PlainForms:
    """The object that the free variable `gc` of a rewritten function holds."""

    unbound = staticmethod(Unbound)
    slice = staticmethod(slice)
    manager = staticmethod(lambda x: x)
    isinstance = staticmethod(isinstance)
    structure = staticmethod(lambda x, *asked_for: x)
    setitem = staticmethod(operator.setitem)
    delitem = staticmethod(operator.delitem)
    setattr_ = staticmethod(setattr)
    delattr_ = staticmethod(delattr)
    is_ = staticmethod(operator.is_)
    is_not = staticmethod(operator.is_not)
    not_ = staticmethod(operator.not_)
    getitem = staticmethod(operator.getitem)
    in_ = staticmethod(_COMPARE["in"])
    not_in = staticmethod(_COMPARE["not in"])

    items = staticmethod(matching.items)
    mapping = staticmethod(matching.mapping)
    attributes = staticmethod(matching.attributes)

    def __init__(self, call=lambda f, *args, **kwargs: f(*args, **kwargs)):
        self.call = call

    # ---- statements

    def if_(self, test, then, orelse, state, names):
        new = then(*state) if test else orelse(*state)
        assert len(new) == len(names)
        return new

    def try_(self, body, handlers, state, names, shared=dict):
        try:
            new = body(*state)
        except BaseException as error:
            now = shared()  # what calls have bound anew
            state = (*map(now.get, names, state), *state[len(names) :])
            for kind, handler, is_named in handlers:
                if isinstance(error, kind()):
                    new = handler(error, *state) if is_named else handler(*state)
                    break
            else:
                raise
        assert len(new) == len(names)
        return new

    def while_(self, test, body, state, names):
        assert len(state) == len(names)
        while test(*state):
            state = body(*state)
        return state

    def for_(self, iterable, body, state, names, test=None):
        assert len(state) == len(names)
        iterator = iter(iterable)
        while test is None or test(*state):
            try:
                item = next(iterator)
            except StopIteration:
                break
            state = body(item, *state)
        return state

    def raise_(self, error, *cause):
        if cause:
            raise error from cause[0]
        raise error

    def assert_(self, test, message=None):
        if not test:
            raise AssertionError if message is None else AssertionError(message())

    # ---- names

    def read(self, value):
        if isinstance(value, Unbound):
            text = "cannot access local variable '{}' where it is not associated with a value"
            raise UnboundLocalError(text.format(value.name))
        return value

    def read_free(self, value):
        if isinstance(value, Unbound):
            text = "cannot access free variable '{}' where it is not associated with a value"
            raise NameError(text.format(value.name) + " in enclosing scope")
        return value

    # ---- updates

    def aug(self, op, old, value):
        return _AUGMENTED[op](old, value)

    def augitem(self, op, owner, key, value):
        owner[key] = _AUGMENTED[op](owner[key], value)

    def augattr(self, op, owner, name, value):
        setattr(owner, name, _AUGMENTED[op](getattr(owner, name), value))

    # ---- expressions

    def and_(self, first, *more):
        for operand in more:
            if not first:
                return first
            first = operand()
        return first

    def or_(self, first, *more):
        for operand in more:
            if first:
                return first
            first = operand()
        return first

    def ifexp(self, test, body, orelse):
        return body() if test else orelse()

    def compare(self, left, *rest):
        for index in range(0, len(rest), 2):
            right = rest[index + 1]()
            result = _COMPARE[rest[index]](left, right)
            if index + 2 == len(rest) or not result:
                return result
            left = right

    def fstring(self, *parts):
        return "".join(part if isinstance(part, str) else self._text(*part) for part in parts)

    def _text(self, value, conversion, spec):
        convert = {"": lambda v: v, "s": str, "r": repr, "a": ascii}[conversion]
        return format(convert(value), spec)

    def str_mod(self, text, value):
        return text % value

    def local(self, value):
        return value

    def generator(self, values, pull, loop):
        return pull(values)

    def comprehension(self, kind, values, loop):
        items = []
        loop(values, Each(self, items.append))
        return {"set": set, "dict": dict}.get(kind, list)(items)

    # ---- taking apart

    def truth(self, value):
        return bool(value)

    def starred(self, value, before, after):
        items = list(unpackable(value))
        end = len(items) - after
        if end < before:
            raise ValueError(
                f"not enough values to unpack (expected at least {before + after}, "
                f"got {len(items)})"
            )
        return (*items[:before], items[before:end], *items[end:])


def unpackable(value):
    if not hasattr(type(value), "__iter__") and not hasattr(type(value), "__getitem__"):
        raise TypeError(f"cannot unpack non-iterable {type(value).__name__} object")
    return value


class Each:
    """What the loop of a comprehension hands its items to."""

    def __init__(self, forms, take):
        self.forms = forms
        self.take = take

    def of(self, values, step):
        for item in values:
            step(item)

    def map(self, values, fn):
        for item in values:
            self.take(fn(item))

    def when(self, test, step):
        if test:
            step()
