"""Reports: what a run leaves for a person to read, as one page without anything beside.

    write_report("runs/digits-lenet-1")              report.html in the folder
    write_comparison("runs/a-1", "runs/a-2", "a.html")

The page holds its styles, drawings and pictures: it needs no network and no scripts, is
light or dark as the reader's system is, fits a phone, and prints. Files in reading
order:

    report.py        the sections of a report, in order; what happens if one fails
    facts.py         `Facts`: what a run folder holds, read when a section asks
    comparison.py    two runs on a page
    page.py, style.css     the frame around sections
    markup.py        HTML and SVG from Python; everything is escaped
    words.py, statistics.py    numbers for people; formulas
    charts.py, sparklines.py, pictures.py     drawings with axes, without; PNG
    the rest         a section each: `body(facts)` returns its markup, or raises
                     `Missing` with the reason why there is nothing to show

The same run folder gives the same page, byte for byte.
"""

from wubu.reports.comparison import write_comparison
from wubu.reports.report import write_report

__all__ = ["write_comparison", "write_report"]
