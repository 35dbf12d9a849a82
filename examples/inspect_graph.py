"""Nothing is hidden: a function as rewritten Python, graph and NumPy program, and its gradient."""

import numpy as np

import graphc


@graphc.function
def f(a):
    b = a * 2
    while np.linalg.norm(b) < 1000:
        b = b * 2
    if b.sum() > 0:
        c = b
    else:
        c = 100 * b
    return c


@graphc.function
def gradient(a):
    return graphc.gradients(f(a), a)


def show(title, text):
    print(f"---- {title} {'-' * (90 - len(title))}\n{str(text).rstrip()}\n")


def main():
    a = np.array([[0.48800924]])
    trace = f.trace(a)
    show("the rewritten Python: ordinary Python still", f.transformed)
    show("the graph", trace.graph)
    show("the NumPy program that runs", trace.source)
    adjoint = gradient.trace(a)
    show("the graph with its gradient: the adjoint of a loop is a loop", adjoint.graph)
    show("the gradient's NumPy program", adjoint.source)
    show("f(a)", f(a))
    show("df/da", gradient(a)[0])

    assert str(graphc.parse(str(trace.graph))) == str(trace.graph)


if __name__ == "__main__":
    main()
