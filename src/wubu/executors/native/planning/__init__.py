"""What is decided before any code."""
