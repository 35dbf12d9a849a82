"""NumPy helpers that generated code may call."""
