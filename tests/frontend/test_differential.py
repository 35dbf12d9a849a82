"""Original ≡ rewritten: value, exception, printed text and arguments, on hand-written programs."""

from __future__ import annotations

import pytest

from graphc.frontend.convert import convert
from tests.frontend.harness import assert_same, converting_forms, observe
from tests.frontend.plain_forms import PlainForms
from tests.frontend.programs import PROGRAMS

IDS = [f"{i}-{fn.__name__}" for i, (fn, _) in enumerate(PROGRAMS)]


@pytest.mark.parametrize(("fn", "arguments"), PROGRAMS, ids=IDS)
def test_rewritten_means_the_same(fn, arguments):
    assert_same(fn, *arguments)


@pytest.mark.parametrize(("fn", "arguments"), PROGRAMS, ids=IDS)
def test_converting_called_functions_too_means_the_same(fn, arguments):
    assert_same(fn, *arguments, forms=converting_forms())


class Base:
    """A base class with a method to call by `super`."""

    def value(self, n):
        return n + 1


class Derived(Base):
    """Uses `super()`, private names and `__class__`."""

    def __init__(self):
        self.__secret = 10

    def value(self, n):
        if n > 2:
            return super().value(n) * 2
        self.__secret += n
        self.__private = [self.__secret]
        self.__private[0] += 1
        return self.__secret, self.__private, __class__.__name__

    def __hidden(self, n):
        __x = n
        self = Derived() if self else self
        for __y in range(3):
            __x += __y
        if n > 1:
            self.__private = 1
        del __x
        return __x  # noqa: F821


@pytest.mark.parametrize("n", [1, 3])
def test_methods_super_and_private_names(n):
    plain, rewritten = Derived(), Derived()
    twin = convert(Derived.value, PlainForms()).function
    assert twin(rewritten, n) == Derived.value(plain, n)
    assert vars(rewritten) == vars(plain)


def test_private_names_are_mangled():
    hidden = Derived._Derived__hidden
    twin = convert(hidden, PlainForms()).function
    for args in ((Derived, 1), (Derived, 2), (None, 2)):
        assert observe(twin, args) == observe(hidden, args)
    assert "_Derived__x" in observe(hidden, (Derived, 1)).error[1]
