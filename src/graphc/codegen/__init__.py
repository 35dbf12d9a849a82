"""Graphs to Python/NumPy programs, and the interpreter that says what they must compute."""

from graphc.codegen.interpreter import interpret
from graphc.codegen.program import Program, generate

__all__ = ["Program", "generate", "interpret"]
