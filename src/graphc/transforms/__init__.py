"""Graph transforms: derivatives."""
