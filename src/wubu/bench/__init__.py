"""The benchmark: Wubu and other frameworks at the same work, in one run.

    workloads.py     the networks, described once for everybody; how much work they are
    environments.py  which frameworks there are, and where their Python is
    workers.py       a process that trains, stopped while others are measured
    contest.py       the rounds: everybody in turn
    report.py        what was found: numbers for programs, a table in Markdown
    peers/           one script for each framework, Wubu among them

How it measures and why that is fair: `benchmarks/README.md`.
"""
