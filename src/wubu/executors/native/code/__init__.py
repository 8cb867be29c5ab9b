"""Code by small, named steps: LLVM IR as text, and the tables of arithmetic."""
