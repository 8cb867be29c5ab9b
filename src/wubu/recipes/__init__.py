"""Recipes: a training described in TOML."""
