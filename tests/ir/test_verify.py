"""Each invariant has a graph that breaks it, and nothing but it."""

import numpy as np
import pytest

from graphc.errors import VerifyError
from graphc.ir import (
    INVARIANTS,
    Array,
    Dense,
    Graph,
    Maybe,
    Op,
    Region,
    Sequence,
    Value,
    clone_graph,
    literal,
    parse,
    verify,
)
from graphc.ir.types import NOTHING, PYFLOAT, PYINT, UNBOUND
from graphc.source import Location
from tests.ir.toys import BOOL, F64, NEWTON

TEXT = """\
graph f(%a: f64[], %p: bool[], %s: seq[f64[]]) -> (f64[]) {  # f.py:1
  %b: f64[] = t_same %a                                      # :2
  %c: f64[] = if %p {                                        # :3
    %d: f64[] = t_same %b                                    # :4
    yield %d
  } else {
    yield %a
  }
  %e: f64[], %ys: seq[f64[]] = loop (%g: f64[] = %a) over (%x: f64[] = %s) {  # :5
    while {
      %t: bool[] = t_test %g                                 # :6
      yield %t
    }
    body {
      %h: f64[] = t_same %g                                  # :7
      yield %h, %x
    }
  }
  yield %b
}"""


class Parts:
    """A valid graph and its parts by name."""

    def __init__(self):
        self.graph = parse(TEXT)
        self.region = self.graph.region
        self.a, self.p, self.s = self.graph.inputs
        self.same, self.branch, self.loop = self.region.ops
        self.body, self.test = self.loop.regions
        self.then, self.otherwise = self.branch.regions

    def add(self, *args, **kwargs):
        kwargs.setdefault("loc", Location("f.py", 9))
        return self.region.append(Op(*args, **kwargs))


BREAKS = []


def breaks(number, subject=None):
    """Register a function that breaks an invariant of a valid graph, at the op of that name."""

    def decorate(damage):
        BREAKS.append(pytest.param(number, subject, damage, id=f"{number}-{damage.__name__}"))
        return damage

    return decorate


@breaks(1)
def parameter_twice(g):
    g.region.params.append(g.a)


@breaks(1, "t_same")
def result_of_two(g):
    g.add("t_same", [g.a], {}, []).results.append(g.same.result)


@breaks(2, "t_same")
def before_definition(g):
    g.region.ops[0].operands[0] = g.branch.result


@breaks(2, "t_same")
def own_result(g):
    g.same.operands[0] = g.same.result


@breaks(2, "t_effect")
def out_of_a_region(g):
    g.add("t_effect", [g.then.ops[0].result], {}, [])


@breaks(2, "loop")
def out_of_the_test(g):
    g.body.results[0] = g.test.params[0]


@breaks(2)
def of_another_graph(g):
    g.region.results[0] = Parts().a


@breaks(3)
def parameter_of_another(g):
    g.s.owner = g.body


@breaks(3, "t_same")
def result_of_another(g):
    g.same.result.owner = g.branch


@breaks(4, "t_same")
def literal_of_other_type(g):
    g.same.operands[0] = Value(F64, None)


@breaks(4, "t_effect")
def numpy_literal(g):
    value = literal(1.0)
    value.literal = np.float64(1.0)
    g.add("t_effect", [value], {}, [])


@breaks(5, "t_same")
def no_parent(g):
    g.same.parent = None


@breaks(5, "t_same")
def op_twice(g):
    g.region.ops.append(g.same)


@breaks(5, "if")
def region_without_owner(g):
    g.then.owner = None


@breaks(5, "if")
def region_twice(g):
    g.branch.regions[1] = g.then


@breaks(5, "if")
def region_in_itself(g):
    g.then.append(g.branch)
    g.region.ops.remove(g.branch)
    g.region.append(Op("if", [g.p], {}, [F64], [g.then, g.otherwise], Location("f.py", 3)))
    g.branch.regions[0].owner = g.region.ops[-1]


@breaks(6, "t_nothing")
def unknown_op(g):
    g.add("t_nothing", [], {}, [])


@breaks(7, "t_effect")
def unhashable_attribute(g):
    g.add("t_effect", [], {"axis": [0, 1]}, [])


@breaks(7, "t_effect")
def unhashable_item(g):
    g.add("t_effect", [], {"axis": (0, np.zeros(2))}, [])


@breaks(7, "t_effect")
def odd_attribute_name(g):
    g.add("t_effect", [], {"to be": 1}, [])


@breaks(8, "t_effect")
def no_location(g):
    g.add("t_effect", [], {}, [], loc=None)


@breaks(9)
def weak_with_rank(g):
    g.a.type = Array(np.dtype("float64"), (3,), True)


@breaks(9)
def weak_int8(g):
    g.a.type = Array(np.dtype("int8"), (), True)


@breaks(9)
def objects(g):
    g.a.type = Array(np.dtype(object), ())


@breaks(9)
def class_for_dtype(g):
    g.a.type = Array(ValueError, ())


@breaks(9)
def swapped_bytes(g):
    g.a.type = Array(np.dtype("float64").newbyteorder(), ())


@breaks(9)
def negative_dimension(g):
    g.a.type = Array(np.dtype("float64"), (-1,))


@breaks(9)
def numpy_dimension(g):
    g.s.type = Sequence(Array(np.dtype("float64"), (np.int64(3),)))


@breaks(9)
def maybe_maybe(g):
    g.a.type = Maybe(Maybe(F64))


@breaks(9, "t_any")
def no_type(g):
    g.add("t_any", [], {"types": (F64,)}, [float])


@breaks(10, "t_same")
def refused_operands(g):
    g.same.operands.clear()


@breaks(10, "t_any")
def unknown_attributes(g):
    g.add("t_any", [], {}, [])


@breaks(10, "t_any")
def nonsense_inferred(g):
    g.add("t_any", [], {"types": (Array(ValueError, (3,)),)}, [F64])


@breaks(10, "t_same")
def too_many_results(g):
    g.same.add_result(F64)


@breaks(11, "t_same")
def other_result_type(g):
    g.same.result.type = Array(np.dtype("float32"), ())


@breaks(11, "t_any")
def narrower_result_type(g):
    g.add("t_any", [], {"types": (Maybe(F64),)}, [F64])


@breaks(12, "if")
def never_yields(g):
    g.then.never = True


@breaks(13, "if")
def one_arm(g):
    del g.branch.regions[1]


@breaks(13, "if")
def two_predicates(g):
    g.branch.operands.append(g.p)


@breaks(13, "if")
def arm_with_parameter(g):
    g.then.add_param(F64)


@breaks(14, "if")
def float_predicate(g):
    g.branch.operands[0] = g.a


@breaks(14, "if")
def predicate_with_rank(g):
    g.p.type = Array(np.dtype("bool"), (1,))


@breaks(15, "if")
def arm_yields_less(g):
    g.otherwise.results.clear()


@breaks(15, "if")
def arm_yields_other(g):
    g.otherwise.results[0] = g.s


@breaks(16, "loop")
def no_carry_attribute(g):
    del g.loop.attrs["carry"]


@breaks(16, "loop")
def int_for_reverse(g):
    g.loop.attrs["reverse"] = 0


@breaks(16, "loop")
def three_regions(g):
    region = Region()
    region.owner = g.loop
    g.loop.regions.append(region)


@breaks(16, "loop")
def missing_operand(g):
    g.loop.operands.pop()


@breaks(16, "loop")
def too_many_carries(g):
    g.loop.attrs["carry"] = 3


@breaks(16, "loop")
def negative_carries(g):
    g.loop.attrs["carry"] = -1


@breaks(16, "loop")
def body_yields_less(g):
    g.body.results.pop()


@breaks(16, "loop")
def fewer_results_than_carries(g):
    g.loop.results.clear()
    g.body.results.clear()


@breaks(17, "loop")
def initial_carry_of_other_type(g):
    g.loop.operands[0] = g.s


@breaks(17, "loop")
def yielded_carry_of_other_type(g):
    g.body.results[0] = literal(None)


@breaks(17, "loop")
def carry_result_too_narrow(g):
    g.loop.results[0].type = PYINT


@breaks(18, "loop")
def runs_over_no_sequence(g):
    g.loop.operands[1] = g.a


@breaks(18, "loop")
def item_of_other_type(g):
    g.s.type = Sequence(NOTHING)


@breaks(19, "loop")
def collects_into_no_sequence(g):
    g.loop.results[1].type = F64


@breaks(19, "loop")
def collects_other_type(g):
    g.loop.results[1].type = Sequence(PYFLOAT)


@breaks(20, "loop")
def by_test_without_parameters(g):
    g.test.params.clear()
    g.test.ops[0].operands[0] = g.a


@breaks(20, "loop")
def by_test_other_parameters(g):
    g.test.params[0].type = Maybe(F64)


@breaks(20, "loop")
def by_test_floatloat(g):
    g.test.results[0] = g.test.params[0]


@breaks(20, "loop")
def by_test_nothing(g):
    g.test.results.clear()


@breaks(21, "loop")
def endless(g):
    del g.loop.operands[1], g.loop.regions[1], g.body.params[1]
    g.body.results[1] = g.a


CALLEE = "graph callee(%x: f64[]) -> (f64[]) { yield %x }"


@breaks(22, "graph_call")
def without_a_callee(g):
    g.add("graph_call", [g.a], {}, [F64])


@breaks(22, "graph_call")
def with_another_attribute(g):
    g.add("graph_call", [g.a], {"callee": parse(CALLEE), "axis": 0}, [F64])


@breaks(22, "graph_call")
def with_too_many_operands(g):
    g.add("graph_call", [g.a, g.a], {"callee": parse(CALLEE)}, [F64])


@breaks(22, "graph_call")
def with_too_few_results(g):
    g.add("graph_call", [g.a], {"callee": parse(CALLEE)}, [])


@breaks(23, "graph_call")
def with_another_operand(g):
    g.add("graph_call", [g.s], {"callee": parse(CALLEE)}, [F64])


@breaks(23, "graph_call")
def with_another_result(g):
    g.add("graph_call", [g.a], {"callee": parse(CALLEE)}, [BOOL])


def attempt(g, kinds=(ValueError,), **changes):
    """Add a `try` to a graph; both arms yield a."""
    regions = [Region(), Region()]
    for region in regions:
        region.results.append(g.a)
    return g.add("try", changes.get("operands", []), {"kinds": kinds}, [F64], regions)


@breaks(24, "try")
def catching_a_number(g):
    attempt(g, kinds=(3,))


@breaks(24, "try")
def catching_without_classes(g):
    attempt(g, kinds=ValueError)


@breaks(24, "try")
def trying_an_operand(g):
    attempt(g, operands=[g.p])


@breaks(24, "try")
def handler_with_a_parameter(g):
    attempt(g).regions[1].add_param(F64)


@breaks(25, "try")
def handler_yields_nothing(g):
    attempt(g).regions[1].results.clear()


@breaks(25, "try")
def handler_yields_a_sequence(g):
    attempt(g).regions[1].results[0] = g.s


@pytest.mark.parametrize(("number", "subject", "damage"), BREAKS)
def test_broken(number, subject, damage):
    parts = Parts()
    verify(parts.graph)
    damage(parts)
    with pytest.raises(VerifyError) as caught:
        verify(parts.graph)
    text = str(caught.value)
    assert f"invariant {number} ({INVARIANTS[number]}) does not hold" in text
    what = "graph f" if subject is None else f"op {subject} of graph f"
    assert f"\n{what}: " in text


def test_every_invariant_is_broken_by_some_graph():
    assert [param.values[0] for param in BREAKS] == sorted(param.values[0] for param in BREAKS)
    assert {param.values[0] for param in BREAKS} == set(INVARIANTS)


def test_the_message_shows_the_op_as_the_dump_does():
    parts = Parts()
    parts.then.ops[0].operands[0] = parts.s
    with pytest.raises(VerifyError) as caught:
        verify(parts.graph)
    assert caught.value.location == Location("f.py", 4)
    assert str(caught.value).rstrip() == (
        "invariant 11 (a result's type is the inferred one or a supertype of it) does not hold:\n"
        "op t_same of graph f: result 0 is f64[]; inference gives seq[f64[]]\n"
        "    %d: f64[] = t_same %s                                           # :4\n"
        "  f.py:4"
    )


def test_a_called_graph_is_verified():
    graph = parse("""
        graph f() -> () { t_call {callee=@g}; yield }
        graph g() -> () { t_call {callee=@g}; yield }
    """)
    verify(graph)
    callee = graph.region.ops[0].attrs["callee"]
    callee.region.ops[0].operands.append(Value(F64, callee.region))
    with pytest.raises(VerifyError, match="op t_call of graph g"):
        verify(graph)


def test_what_is_allowed():
    """Wider results, arms and bodies that never end, attributes of every kind, no locations."""
    graph = Graph("f")
    wide = Maybe(Array(np.dtype("float64"), ()))
    attrs = {"types": (F64,), "a": (None, UNBOUND, 1, "s", np.dtype("i1"), Dense(np.ones(2)), wide)}
    value = graph.region.append(Op("t_any", [], attrs, [wide])).result
    arms = Region(), Region()
    arms[0].never = arms[1].never = True
    graph.region.append(Op("if", [literal(True)], {}, [F64, wide], arms))
    body, test = Region(), Region()
    body.add_param(wide)
    test.add_param(wide)
    body.never = True
    test.results = [test.append(Op("t_test", [value], {}, [BOOL])).result]
    attrs = {"carry": 1, "reverse": False}
    graph.region.append(Op("loop", [literal(None)], attrs, [wide, Sequence(F64)], [body, test]))
    verify(graph)


@pytest.mark.parametrize("text", [TEXT, NEWTON])
def test_a_copy_is_valid(text):
    verify(clone_graph(parse(text)))
