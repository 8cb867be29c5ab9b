"""How to get the same numbers again: versions, the command, the recipe."""

from __future__ import annotations

import re
import shlex
from typing import Any

from wubu.reports.facts import Facts, Missing
from wubu.reports.markup import Markup, join, paragraph, table, tag
from wubu.runs.run import RECIPE

# Paths in these are looked for beside the recipe.
_NAME_FILES = (("prepare", "path"), ("prepare", "python"), ("build", "python"))


def body(facts: Facts) -> Markup:
    """What to type, what it was made with, and the recipe."""
    if not facts.recipe:
        raise Missing("the run has no recipe")
    info = facts.info
    known: list[tuple[str, Any]] = [
        ("Wubu", info.get("wubu")),
        ("Python", info.get("python")),
        ("NumPy", info.get("numpy")),
        ("executor", info.get("executor")),
        ("threads", info.get("threads")),
        ("machine", info.get("machine")),
        ("seed", info.get("seed")),
        ("data", _digest(facts)),
    ]
    rows = [(name, value) for name, value in known if value is not None]
    return join(
        paragraph("The same recipe with the same seed gives the same numbers:"),
        tag("pre", tag("code", command(facts)), class_="command"),
        _beside(facts),
        table(["Made with", ""], rows, class_="narrow"),
        tag("h3", RECIPE),
        tag("pre", tag("code", highlighted(facts.recipe)), class_="recipe"),
    )


def command(facts: Facts) -> str:
    """What to type in a terminal."""
    folder = facts.run.folder.resolve()
    words = ["wubu", "train", f"{folder.parent.name}/{folder.name}/{RECIPE}"]
    if facts.info.get("executor"):
        words += ["--executor", str(facts.info["executor"])]
    threads = facts.info.get("threads")
    before = f"WUBU_THREADS={threads} " if isinstance(threads, int) else ""
    return before + shlex.join(words)


def _beside(facts: Facts) -> Markup | None:
    """A note if the recipe names files."""
    settings = facts.settings
    named = [
        str(settings[section][key])
        for section, key in _NAME_FILES
        if key in settings.get(section, {})
    ]
    named += [str(settings["python"])] if "python" in settings else []
    if not named:
        return None
    text = f"It looks for {', '.join(named)} beside the recipe; this run found them in "
    return paragraph(text, tag("code", str(facts.info.get("folder", "?"))), ".")


def _digest(facts: Facts) -> Any:
    if facts.evaluation is None:
        return None
    data = facts.evaluation["data"]
    digest = str(data.get("digest", ""))
    return join(
        f"{data['samples']:,} {facts.judged_on} samples of {data['name']}, SHA-256 ",
        tag("code", digest[:16] + "…", title=digest),
    )


_TOKENS = re.compile(
    r"""(?P<comment>\#[^\n]*)
      | (?P<text>\"\"\".*?\"\"\"|'''.*?'''|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')
      | (?P<head>^[ \t]*\[\[?[^\]\n=]*\]\]?(?=[ \t]*(?:\#|$)))
      | (?P<key>[A-Za-z0-9_.-]+(?=[ \t]*=))
      | (?P<number>(?<![\w.])[-+]?\d[\d_.eE+-]*|\b(?:true|false|inf|nan)\b)""",
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)


def highlighted(text: str) -> Markup:
    """TOML with its parts marked for colours.

    Example:
        >>> highlighted('n = 3 # <three>')
        '<span class="key">n</span> = <span class="number">3</span> <span \
class="comment"># &lt;three&gt;</span>'
    """
    parts: list[Any] = []
    end = 0
    for found in _TOKENS.finditer(text):
        parts += [text[end : found.start()]]
        parts.append(tag("span", found[0], class_=found.lastgroup))
        end = found.end()
    return join(parts, text[end:])
