"""Graph: a named top-level region; its text is the graph, and parses back (`ir/parse.py`)."""

from __future__ import annotations

from graphc.ir.core import Region, Value
from graphc.ir.text import print_region
from graphc.source import Location


class Graph:
    """A named top-level region, with the location of the function it came from."""

    __slots__ = ("loc", "name", "region")

    def __init__(
        self, name: str, region: Region | None = None, loc: Location | None = None
    ) -> None:
        self.name = name
        self.region = region if region is not None else Region()
        self.loc = loc

    @property
    def inputs(self) -> list[Value]:
        return self.region.params

    @property
    def outputs(self) -> list[Value]:
        return self.region.results

    def __str__(self) -> str:
        return print_region(self.name, self.region, self.loc)

    def __repr__(self) -> str:
        return f"<Graph {self.name}: {len(self.inputs)} inputs, {len(self.outputs)} outputs>"
