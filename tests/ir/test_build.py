"""Copies share nothing and print alike; uses are replaced at every depth."""

from hypothesis import HealthCheck, given, settings

from graphc.ir import (
    called_graphs,
    clone_graph,
    clone_region,
    literal,
    parse,
    replace_all_uses,
    replace_uses,
    verify,
    walk,
)
from tests.ir.toys import NEWTON, graphs

SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck))


def parts_of(graph):
    for each in called_graphs(graph):
        yield from (each, each.region, *each.inputs)
        for op in walk(each.region):
            yield from (op, *op.results, *op.regions)
            yield from (param for region in op.regions for param in region.params)


@SLOW
@given(graphs())
def test_a_copy_prints_alike_and_shares_nothing(graph):
    copy = clone_graph(graph)
    verify(copy)
    assert str(copy) == str(graph)
    assert not set(parts_of(copy)) & set(parts_of(graph))


def test_recursion_is_copied_with_its_graphs():
    graph = parse("""
        graph f() -> () { t_call {callee=@g}; yield }
        graph g() -> () { t_call {callee=@f}; yield }
    """)
    copy = clone_graph(graph)
    callee = copy.region.ops[0].attrs["callee"]
    assert callee is not graph.region.ops[0].attrs["callee"]
    assert callee.region.ops[0].attrs["callee"] is copy


def test_a_region_is_copied_onto_other_captures():
    graph = parse(NEWTON)
    loop = graph.region.ops[2]
    test = loop.regions[1]
    test.ops[0].operands[0] = graph.inputs[0]
    mapping = {graph.inputs[0]: graph.inputs[1]}
    copy = clone_region(test, mapping)
    assert copy.owner is None
    assert copy.ops[0].operands[0] is graph.inputs[1]
    assert mapping[test.results[0]] is copy.results[0]
    assert mapping[test.params[0]] is copy.params[0]


def test_uses_are_replaced_at_every_depth():
    graph = parse(NEWTON)
    loop = graph.region.ops[2]
    old, new = loop.regions[0].params[0], literal(1.0)
    assert replace_uses(graph.region, old, new) == 2  # in an arm of the if, and in a yield
    branch = loop.regions[0].ops[0]
    assert branch.regions[0].results == [new]
    assert loop.regions[0].results[1] is new
    assert replace_uses(graph.region, old, new) == 0


def test_replacements_are_not_replaced_again():
    graph = parse("graph f(%a: f64[], %b: f64[]) -> (f64[], f64[]) { yield %a, %b }")
    a, b = graph.inputs
    assert replace_all_uses(graph.region, {a: b, b: a}) == 2
    assert graph.outputs == [b, a]
