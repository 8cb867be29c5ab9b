"""Markup, axes, and arrays as pictures."""

from __future__ import annotations

import base64
import io
import math
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PIL import Image

from wubu.reports.charts import Line, Mark, Scale, apart, line_chart, ticks
from wubu.reports.markup import Markup, join, table, tag
from wubu.reports.pictures import Shades, as_pictures, heat, picture, shades_of, signed
from wubu.reports.reproduce import highlighted
from wubu.reports.sparklines import histogram, unit_bars
from wubu.reports.words import percent


def test_text_and_attributes_are_escaped_and_markup_is_not() -> None:
    found = tag("p", "<b>", Markup("<i>x</i>"), title='"<&', class_=None, hidden=True)
    assert found == '<p title="&quot;&lt;&amp;" hidden="hidden">&lt;b&gt;<i>x</i></p>'


def test_lists_are_joined_and_nothing_is_left_out() -> None:
    assert join([["a", None], (1, [2.5])], None, "&") == "a12.5&amp;"


def test_columns_of_numbers_stand_to_the_right() -> None:
    found = ElementTree.fromstring(table(["Name", "Count>"], [["x", "3"]]))
    assert [cell.attrib.get("class") for cell in found.iter("td")] == [None, "r"]
    assert [cell.text for cell in found.iter("th")] == ["Name", "Count"]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 1.0, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (-3.0, 7.0, [-2, 0, 2, 4, 6]),
        (1000.0, 1700.0, [1000, 1200, 1400, 1600]),
        (0.98, 0.9912, [0.98, 0.982, 0.984, 0.986, 0.988, 0.99]),
    ],
)
def test_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high, 6) == pytest.approx(expected)


def test_epochs_are_whole_numbers() -> None:
    assert ticks(1, 2, 7, whole=True) == [1, 2]
    assert ticks(1, 100, 7, whole=True) == [20, 40, 60, 80, 100]


def test_a_logarithmic_scale_has_equal_ratios_equally_far_apart() -> None:
    scale = Scale(0.01, 100.0, 0.0, 40.0, logarithmic=True)
    assert [round(scale(10.0**n), 9) for n in range(-2, 3)] == [0, 10, 20, 30, 40]
    assert scale.ticks() == pytest.approx([0.01, 0.1, 1, 10, 100])


def test_a_scale_of_one_number_still_has_a_width() -> None:
    scale = Scale(5.0, 5.0, 0.0, 100.0)
    assert scale(5.0) == pytest.approx(50)


def test_labels_stay_within_the_drawing_if_they_fit() -> None:
    places = apart([95.0, 96.0, 97.0], 0.0, 100.0)
    assert places == [72.0, 86.0, 100.0]


def test_a_line_is_broken_where_a_value_is_missing() -> None:
    line = Line("loss", [2.0, math.nan, 1.0, 0.5], "one")
    tree = ElementTree.fromstring(line_chart("Loss", [line]))
    path = next(p for p in tree.iter("path") if p.attrib["class"] == "curve one")
    assert path.attrib["d"].count("M") == 2
    assert len(list(tree.iter("circle"))) == 3
    titles = [t.text for t in tree.iterfind("g/title")]
    assert titles[0] == "epoch 1\nloss 2.0000"
    assert titles[1] == "epoch 2"


def test_a_chart_of_a_single_epoch() -> None:
    lines = [Line("training", [0.5], "one"), Line("validation", [0.5], "two")]
    marks = [Mark(1, 0.25, "test 0.2500", "three")]
    tree = ElementTree.fromstring(line_chart("Loss", lines, marks))
    labels = [t for t in tree.iter("text") if "label" in t.attrib.get("class", "")]
    assert [t.text for t in labels] == [
        "training 0.5000",
        "validation 0.5000",
        "test 0.2500",
    ]
    heights = [float(t.attrib["y"]) for t in labels]
    assert min(np.diff(heights)) == pytest.approx(14, abs=0.02)


def test_bars_of_a_histogram_are_as_high_as_their_counts() -> None:
    tree = ElementTree.fromstring(histogram(np.array([0.0, 0.1, 0.2, 4.0]), "h", 4))
    heights = [float(bar.attrib["height"]) for bar in tree.iter("rect")]
    assert heights == pytest.approx([34.0, 34 / 3], abs=0.01)


def test_bars_of_units_go_up_and_down_from_zero() -> None:
    tree = ElementTree.fromstring(unit_bars(np.array([1.0, -1.0]), "u"))
    up, down = tree.iter("rect")
    assert float(up.attrib["y"]) == 0
    assert float(down.attrib["y"]) == 32
    assert down.attrib["class"] == "below"


def pixels_of(found: Markup) -> np.ndarray:
    source = ElementTree.fromstring(found).attrib["src"]
    data = base64.b64decode(source.removeprefix("data:image/png;base64,"))
    return np.asarray(Image.open(io.BytesIO(data)))


def test_a_picture_keeps_its_pixels() -> None:
    x = np.random.default_rng(0).integers(0, 256, (5, 6, 3), dtype=np.uint8)
    assert np.array_equal(pixels_of(picture(x, Shades(0, 255), "x")), x)


def test_grey_pictures_use_the_whole_range() -> None:
    x = np.array([[0, 8], [16, 4]], np.uint8)[..., np.newaxis]
    found = pixels_of(picture(x, shades_of(x), "x"))
    assert found.tolist() == [[0, 128], [255, 64]]


def test_large_pictures_are_made_smaller() -> None:
    x = np.zeros((300, 600, 3), np.uint8)
    assert pixels_of(picture(x, Shades(0, 255), "x")).shape == (56, 112, 3)


def test_signs_have_colours() -> None:
    found = pixels_of(signed(np.array([[-1.0, 0.0, 1.0]]), 1.0, "w"))[0].astype(int)
    blue, white, red = found
    assert blue[2] > blue[0] + 100
    assert min(white) > 235
    assert red[0] > red[2] + 100


def test_heat_gets_lighter() -> None:
    found = pixels_of(heat(np.linspace(0, 1, 9)[np.newaxis], Shades(0, 1), "h"))[0]
    light = found.astype(float) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(light) > 0).all()


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((4, 28, 28), (4, 28, 28, 1)),
        ((4, 28, 28, 3), (4, 28, 28, 3)),
        ((4, 3, 28, 28), (4, 28, 28, 3)),
        ((4, 50, 2), None),
        ((4, 20), None),
        ((4, 9, 9, 7), None),
    ],
)
def test_which_samples_are_pictures(
    shape: tuple[int, ...], expected: tuple[int, ...] | None
) -> None:
    found = as_pictures(np.zeros(shape))
    assert (None if found is None else found.shape) == expected


def test_floats_from_zero_to_one_are_not_stretched() -> None:
    assert shades_of(np.array([0.1, 0.9])) == (0.0, 1.0)
    assert shades_of(np.array([-2.0, 3.0])) == (-2.0, 3.0)


def test_colours_leave_the_recipe_as_it_is() -> None:
    text = '# a "b" = 1\n[train] # x\nn = [1, -2.5e-3]\ns = "a # b" \nt = \'<\'\n'
    tree = ElementTree.fromstring(f"<pre>{highlighted(text)}</pre>")
    assert "".join(tree.itertext()) == text
    kinds = {part.attrib["class"]: part.text for part in reversed(tree)}
    assert kinds == {
        "comment": '# a "b" = 1',
        "head": "[train]",
        "key": "n",
        "number": "1",
        "text": '"a # b"',
    }


def test_shares_have_as_many_decimals_as_samples_carry() -> None:
    assert percent(2 / 3, 9) == "67%"
    assert percent(2 / 3, 999) == "66.7%"
    assert percent(2 / 3, 60000) == "66.67%"
    assert percent(math.nan) == "–"
