"""Rewrites a Python function's control flow into calls of the forms in docs/forms.md."""
