"""A picture of a profile: the roofline.

Each kernel is a dot: how many operations it does for each byte, and how fast. Nothing
can be above the roof: the peak of the CPU. What lies above the slanted line is fed by
caches, not by memory.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wubu.executors.native.profile import Profile, Record, short_layers

_COLOURS = {
    "contract": "#0b6e8f",
    "wide product": "#074c63",
    "outer": "#d1495b",
    "wide gradient": "#8f1f31",
    "window": "#66a182",
    "reduce": "#8d6a9f",
    "gather": "#7a7a7a",
    "map": "#c9a227",
    "update": "#e07b39",
    "scan": "#333333",
}
_OTHER = "#aaaaaa"
_LABELLED = 10
_LEAST = 0.0005  # of the time; smaller kernels are left out


def draw(profile: Profile, path: Any) -> None:
    """Writes the picture; the file's name says in which format (.png, .svg, .pdf).

    Args:
        path: of the file.
    """
    from matplotlib.figure import Figure

    records = [
        r
        for r in profile.kernels
        if r.flops and r.bytes and r.seconds >= _LEAST * profile.seconds
    ]
    figure = Figure(figsize=(9.6, 6), dpi=150, layout="constrained")
    axes = figure.subplots()
    low = min([0.05, *(r.intensity / 2 for r in records)])
    high = max([100.0, *(r.intensity * 4 for r in records)])
    bottom = min([1.0, *(r.speed / 2e9 for r in records)])
    top = profile.machine.peak / 1e9
    axes.set(xscale="log", yscale="log", xlim=(low, high), ylim=(bottom, 2.2 * top))
    _roof(axes, profile, low, high)
    _dots(axes, profile, records)
    _labels(axes, profile, records)
    axes.set_xlabel("operations for each byte read or written  [FLOP/byte]")
    axes.set_ylabel("speed  [GFLOP/s]")
    axes.set_title(_title(profile), loc="left", fontsize=11)
    axes.grid(which="major", color="#e6e6e6", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower right", frameon=False, fontsize=9)
    figure.savefig(Path(path))


def _title(profile: Profile) -> str:
    speed = profile.flops / profile.seconds
    return (
        f"{profile.name}: {1e6 * profile.seconds:,.0f} µs, {speed / 1e9:.0f} GFLOP/s, "
        f"{100 * speed / profile.machine.peak:.0f} % of the peak of "
        f"{profile.threads} thread{'s' * (profile.threads > 1)}"
    )


def _roof(axes: Any, profile: Profile, low: float, high: float) -> None:
    peak, bandwidth = profile.machine.peak / 1e9, profile.machine.bandwidth / 1e9
    ridge = peak / bandwidth
    axes.plot([ridge, high], [peak, peak], color="#222222", linewidth=1.4)
    axes.plot([low, ridge], [low * bandwidth, peak], color="#222222", linewidth=1.4)
    axes.plot([low, ridge], [peak, peak], color="#222222", linewidth=0.8, dashes=(4, 4))
    axes.annotate(
        f"FMA peak {peak:.0f} GFLOP/s",
        (low * 1.15, peak),
        xytext=(0, 4),
        textcoords="offset points",
        fontsize=9,
    )
    start = max(low, axes.get_ylim()[0] / bandwidth)
    axes.annotate(
        f"memory {bandwidth:.0f} GB/s",
        (start * 1.5, start * 1.5 * bandwidth),
        xytext=(6, -8),
        textcoords="offset points",
        fontsize=9,
        rotation=0,
    )


def _dots(axes: Any, profile: Profile, records: list[Record]) -> None:
    """Areas are times."""
    forms = sorted({r.form for r in records}, key=lambda f: (f not in _COLOURS, f))
    for form in forms:
        some = [r for r in records if r.form == form]
        axes.scatter(
            [r.intensity for r in some],
            [r.speed / 1e9 for r in some],
            s=[_area(r, profile) for r in some],
            color=_COLOURS.get(form, _OTHER),
            alpha=0.75,
            edgecolors="white",
            linewidths=0.8,
            zorder=3,
        )
        axes.scatter([], [], s=45, color=_COLOURS.get(form, _OTHER), label=form)


def _area(record: Record, profile: Profile) -> float:
    return 18 + 2600 * record.seconds / profile.seconds


def _labels(axes: Any, profile: Profile, records: list[Record]) -> None:
    """Names at the largest dots, moved up or down where they would overlap."""
    layers = short_layers(profile.records)
    axes.figure.canvas.draw()
    taken: list[tuple[float, float, float]] = []  # left, right, height, in points
    scale = 72 / axes.figure.dpi
    for record in sorted(records, key=lambda r: -r.seconds)[:_LABELLED]:
        share = 100 * record.seconds / profile.seconds
        name = layers.get(record.layer, record.layer) or record.operation
        what = record.operation if record.operation != "dot_general" else ""
        label = " ".join(filter(None, (name, what or record.form, f"{share:.0f} %")))
        point = axes.transData.transform((record.intensity, record.speed / 1e9))
        x, y = (float(v) * scale for v in point)
        radius = (_area(record, profile) / 3.14159) ** 0.5
        width = 4.6 * len(label)
        to_left = x + radius + 4 + width > axes.bbox.x1 * scale
        left = x - radius - 4 - width if to_left else x + radius + 4
        height = _free(left, left + width, y, taken)
        taken.append((left, left + width, height))
        axes.annotate(
            label,
            (record.intensity, record.speed / 1e9),
            xytext=(left - x, height - y),
            textcoords="offset points",
            fontsize=8,
            verticalalignment="center",
            zorder=4,
        )


def _free(
    left: float, right: float, y: float, taken: list[tuple[float, float, float]]
) -> float:
    """The height nearest to `y` where a label touches no other."""
    for distance in range(40):
        for at in (y - 4.0 * distance, y + 4.0 * distance):
            if all(
                abs(at - height) >= 10 or right < a or left > b
                for a, b, height in taken
            ):
                return at
    return y
