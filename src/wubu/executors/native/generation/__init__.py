"""The walk through a planned graph: function, memory, updates."""
