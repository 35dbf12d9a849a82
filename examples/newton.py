"""Root finding with a while loop, and the derivative of the root.

The loop runs until it has converged, so how often it runs depends on the data; graphc
differentiates it all the same, and the result agrees with the implicit function theorem.
"""

import numpy as np

import graphc


@graphc.function
def root(a, b):
    """The x near 1 with x³ + a·x = b, by Newton's method."""
    x = 1.0
    step = 1.0
    while abs(step) > 1e-13:
        step = (x**3 + a * x - b) / (3 * x**2 + a)
        x = x - step
    return x


def main():
    a, b = 2.0, 5.0
    x = root(a, b)
    dx_da, dx_db = graphc.grad(root, argnums=(0, 1))(a, b)
    print(f"x = {float(x):.12f}, x³ + 2x - 5 = {x**3 + a * x - b:.1e}")
    slope = 3 * x**2 + a  # the implicit function theorem: dx/da = -x / slope, dx/db = 1 / slope
    print(f"dx/da = {float(dx_da):+.12f}, by the theorem {-x / slope:+.12f}")
    print(f"dx/db = {float(dx_db):+.12f}, by the theorem {1 / slope:+.12f}")

    second = graphc.grad(graphc.grad(root, argnums=1), argnums=1)(a, b)
    print(f"d²x/db² = {float(second):+.12f}, by hand {-6 * x / slope**3:+.12f}")

    print("\n    b        x    dx/db")
    for b in np.linspace(1.0, 30.0, 5):
        x, slope = graphc.value_and_grad(root, argnums=1)(a, b)
        print(f"{b:5.2f} {float(x):8.5f} {float(slope):8.5f}")


if __name__ == "__main__":
    main()
