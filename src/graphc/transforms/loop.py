"""A forward loop's parts by name: its adjoint and its residuals are made of them."""

from __future__ import annotations

from dataclasses import dataclass

from graphc.ir.core import Op, Region, Value


@dataclass
class Loop:
    """A forward loop's parts by name."""

    op: Op

    @property
    def body(self) -> Region:
        return self.op.regions[0]

    @property
    def n_carry(self) -> int:
        count: int = self.op.attrs["carry"]
        return count

    @property
    def inits(self) -> list[Value]:
        return self.op.operands[: self.n_carry]

    @property
    def xs(self) -> list[Value]:
        return self.op.operands[self.n_carry :]

    @property
    def params(self) -> list[Value]:
        return self.body.params[: self.n_carry]

    @property
    def items(self) -> list[Value]:
        return self.body.params[self.n_carry :]

    @property
    def has_test(self) -> bool:
        return len(self.op.regions) > 1
