"""Operands go into an op's expression with the parentheses they need, and no others."""

import ast
import itertools

import pytest

from graphc.codegen.template import parse_template
from graphc.codegen.writer import Text, fill
from graphc.errors import InternalError
from graphc.ir import Op

TEMPLATES = [
    "_0_ + _1_", "_0_ - _1_", "_0_ * _1_", "_0_ / _1_", "_0_ ** _1_", "-_0_", "~_0_", "not _0_",
    "_0_ < _1_", "_0_ is None", "_0_ & _1_", "_0_ | _1_", "_0_ << _1_", "f(_0_, x=_1_)", "_0_[_1_]",
    "_0_[:_1_]", "_0_.T", "(_0_, _1_)", "_0_ if _1_ else 2", "_0_ @ _1_", "-2", "1.5",
]  # fmt: skip


def expression(template, operands):
    return fill(parse_template(template), operands, Op("op", [], {}, []))


@pytest.mark.parametrize("outer", TEMPLATES)
def test_inlining_keeps_the_tree(outer):
    names = [Text("a"), Text("b")]
    for left, right in itertools.product(TEMPLATES, repeat=2):
        inner = [expression(left, names), expression(right, names)]
        found = expression(outer, inner).string
        always = [Text(f"({text.string})") for text in inner]
        assert ast.dump(ast.parse(found)) == ast.dump(ast.parse(expression(outer, always).string))


@pytest.mark.parametrize(
    "template, operand, expected",
    [
        ("_0_ + _1_", "_0_ * _1_", "a * b + a * b"),
        ("_0_ - _1_", "_0_ - _1_", "a - b - (a - b)"),
        ("f(_0_, _1_)", "_0_ + _1_", "f(a + b, a + b)"),
        ("_0_ ** _1_", "-_0_", "(-a) ** -a"),
    ],
)
def test_parentheses_where_needed_only(template, operand, expected):
    inner = expression(operand, [Text("a"), Text("b")])
    assert expression(template, [inner, inner]).string == expected


def test_what_is_evaluated_once():
    template = parse_template("_0_ if _1_ else _2_ + _0_")
    assert [template.once(index) for index in range(3)] == [False, True, False]


@pytest.mark.parametrize("code", ["x = _0_", "_0_; _1_", "_0_ +", ""])
def test_code_that_is_not_one_expression(code):
    with pytest.raises(InternalError, match="not one expression"):
        parse_template(code)
