"""Programs that keep the repository's texts true: `python -m tools.docs`."""
