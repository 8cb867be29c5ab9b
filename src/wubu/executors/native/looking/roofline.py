"""A picture of a profile: the roofline.

Each kernel is a dot: how many operations it does for each byte, and how fast. Nothing
can be above the roof: the peak of the CPU. What lies above the slanted line is fed by
caches, not by memory.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from wubu.executors.native.looking.profile import Profile, Record, counted, short_layers

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
_LABELLED = 12
_TOLD = 0.01  # of the time; smaller kernels have no name
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
    top = max([profile.machine.peak, *(r.speed for r in records)]) / 1e9
    axes.set(xscale="log", yscale="log", xlim=(low, high), ylim=(bottom, 2 * top))
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
        f"{counted(profile.threads, 'thread')}"
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
    """Names beside the largest dots, where they touch no other dot or name."""
    layers = short_layers(profile.records)
    axes.figure.canvas.draw()  # settles where everything is
    points = 72 / axes.figure.dpi
    room = _Box(*(float(v) * points for v in axes.bbox.extents))
    dots = [_dot(axes, record, profile, points) for record in records]
    taken = list(dots)
    order = sorted(range(len(records)), key=lambda i: -records[i].seconds)
    for i in order[:_LABELLED]:
        record, dot = records[i], dots[i]
        share = record.seconds / profile.seconds
        if share < _TOLD:
            break
        label = f"{_name(record, layers)}  {100 * share:.0f} %"
        box = _place(dot, 4.5 * len(label), room, taken)
        if box is None:
            continue
        taken.append(box)
        x, y = dot.middle
        height = box.middle[1] - y
        point = (record.intensity, record.speed / 1e9)
        if abs(height) > 8:  # a line leads there
            near = box.left if box.left > x else box.right
            axes.annotate(
                "",
                point,
                xytext=(near - x, height),
                textcoords="offset points",
                arrowprops={"arrowstyle": "-", "color": "#999999", "linewidth": 0.6},
                zorder=2,
            )
        axes.annotate(
            label,
            point,
            xytext=(box.left - x, height),
            textcoords="offset points",
            fontsize=8,
            verticalalignment="center",
            zorder=5,
            bbox={"facecolor": "white", "alpha": 0.8, "pad": 0.5, "linewidth": 0},
        )


class _Box(NamedTuple):
    """A rectangle, in points."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2

    def touches(self, other: _Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )


def _dot(axes: Any, record: Record, profile: Profile, points: float) -> _Box:
    place = axes.transData.transform((record.intensity, record.speed / 1e9))
    x, y = (float(v) * points for v in place)
    radius = (_area(record, profile) / 3.14159) ** 0.5
    return _Box(x - radius, y - radius, x + radius, y + radius)


def _place(dot: _Box, width: float, room: _Box, taken: list[_Box]) -> _Box | None:
    """A free place for a name, as near to its dot as there is one."""
    for step in range(60):
        height = dot.middle[1] + (step + 1) // 2 * (4.0 if step % 2 else -4.0)
        for left in (dot.right + 3, dot.left - 3 - width):
            box = _Box(left, height - 5, left + width, height + 5)
            inside = box.left > room.left and box.right < room.right
            if inside and box.top < room.top and not any(map(box.touches, taken)):
                return box
    return None


def _name(record: Record, layers: dict[str, str]) -> str:
    layer = layers.get(record.layer, record.layer)
    what = record.operation if record.operation.startswith("conv") else record.form
    return f"{layer} {what}".strip()
