"""Programs that run: threads, and who takes them."""
