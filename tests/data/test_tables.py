"""Tables: what columns hold is found by looking; gaps and bad cells are named."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wubu.data import Dataset
from wubu.errors import (
    ArgumentError,
    DataError,
    DTypeError,
    FileFormatError,
    UnknownNameError,
    WubuError,
)


@pytest.fixture
def write(tmp_path) -> Any:
    def write(text: str | bytes, name: str = "a.csv") -> Path:
        content = text.encode() if isinstance(text, str) else text
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


def whole(dataset: Dataset) -> Any:
    return dataset.batch(len(dataset))[0]


HOUSES = """\ufeffrooms,town,sold,price
3,"Ulm, old",2024-01-31,1.5
4,Bonn,2024-02-01,2

5,"say ""hi""
there",2024-02-02,3.25
"""


def test_numbers_categories_and_dates(write) -> None:
    dataset = Dataset.from_csv(write(HOUSES), target="price")
    towns = ["Bonn", "Ulm, old", 'say "hi"\nthere']
    names = ["rooms", *(f"town={town}" for town in towns), "sold"]
    assert dataset.feature_names == names
    x, y = whole(dataset)
    assert x.dtype == y.dtype == np.float32
    assert x.tolist() == [
        [3, 0, 1, 0, 19_753],  # days from 1970 to 2024-01-31: 54 * 365 + 13 + 30
        [4, 1, 0, 0, 19_754],
        [5, 0, 0, 1, 19_755],
    ]
    assert y.tolist() == [1.5, 2, 3.25]
    train, _ = dataset.split(0.67)
    assert train.feature_names == names


def test_targets_and_columns(write) -> None:
    path = write("a,b,kind,c\n1,2,cat,3\n4,5,ant,6\n")
    dataset = Dataset.from_csv(path, target="kind", columns=["c", "a"])
    x, y = whole(dataset)
    assert x.tolist() == [[3, 1], [6, 4]]
    assert y.tolist() == [1, 0] and y.dtype == np.int64
    assert dataset.class_names == ["ant", "cat"]
    assert dataset.batch(2).class_names == ["ant", "cat"]
    both = Dataset.from_csv(path, target=["a", "b"], columns=["c"])
    assert whole(both)[1].tolist() == [[1, 2], [4, 5]]
    alone = Dataset.from_csv(path, columns=["b"])
    assert whole(alone).tolist() == [[2], [5]]
    inputs, _ = whole(Dataset.from_csv(path, target="a", as_dict=True))
    assert inputs["kind"].tolist() == [1, 0] and inputs["kind"].dtype == np.int64
    assert inputs["b"].dtype == np.float32


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(write, delimiter) -> None:
    text = delimiter.join(["a", "b"]) + "\r\n" + delimiter.join(["1", "2"]) + "\r\n"
    assert whole(Dataset.from_csv(write(text))).tolist() == [[1, 2]]


def test_decimal_commas_where_the_comma_does_not_separate(write) -> None:
    assert whole(Dataset.from_csv(write("a;b\n1,5;2\n-0,25;3\n"))).tolist() == [
        [1.5, 2],
        [-0.25, 3],
    ]


def test_files_without_names(write) -> None:
    path = write("1,2\n3,4\n")
    dataset = Dataset.from_csv(path, header=False, target="1")
    assert whole(dataset)[1].tolist() == [2, 4]
    named = Dataset.from_csv(path, header=False, names=["p", "q"], target="q")
    assert named.feature_names == ["p"]


def test_kinds_that_are_said(write) -> None:
    path = write("zip,day\n10,01/02/2024\n9,03/02/2024\n")
    with pytest.raises(DataError) as caught:
        Dataset.from_csv(path)
    assert "two ways" in str(caught.value) and "%d/%m/%Y" in str(caught.value.fix)
    kinds = {"zip": "category", "day": "%d/%m/%Y"}
    dataset = Dataset.from_csv(path, kinds=kinds)
    assert dataset.feature_names == ["zip=9", "zip=10", "day"]
    assert whole(dataset)[:, 2].tolist() == [19_754, 19_756]
    american = Dataset.from_csv(path, columns=["day"], kinds={"day": "%m/%d/%Y"})
    assert whole(american)[:, 0].tolist() == [19_724, 19_784]


@pytest.mark.parametrize(
    "cell",
    [
        "2024-03-01",
        "2024-03-01T00:00:00Z",
        "2024-03-01 01:00+01:00",
        "2024/03/01",
        "2024/03/01 00:00",
        "01.03.2024",
        "31/12/2023",
        "12/31/2023",
        "1 Mar 2024",
        "1 March 2024",
        "Mar 1, 2024",
        "01-Mar-2024",
    ],
)
def test_forms_of_dates(write, cell) -> None:
    found = whole(Dataset.from_csv(write(f'day\n"{cell}"\n')))
    wanted = np.datetime64("2023-12-31" if "2023" in cell else "2024-03-01")
    assert found.item() == (wanted - np.datetime64("1970-01-01")).astype(int)


# --- Gaps -----------------------------------------------------------------------------

GAPS = "a,b,c\n1,x,5\nNA,y,6\n4,,7\n7,x,8\n"


@pytest.mark.parametrize(
    ("missing", "a", "b"),
    [
        ("mean", [1, 4, 4, 7], [1, 0, 1, 1]),
        ("median", [1, 4, 4, 7], [1, 0, 1, 1]),
        ({"a": -1, "b": "y"}, [1, -1, 4, 7], [1, 0, 0, 1]),
        ("drop", [1, 7], [1, 1]),
        ({"a": "drop", "b": "mean"}, [1, 4, 7], [1, 1, 1]),
    ],
)
def test_gaps_are_filled_or_dropped(write, missing, a, b) -> None:
    dataset = Dataset.from_csv(write(GAPS), target="c", missing=missing)
    assert dataset.feature_names == ["a", "b=x", "b=y"]
    x, y = whole(dataset)
    assert x[:, 0].tolist() == a and x[:, 1].tolist() == b
    assert len(y) == len(a)


def test_the_first_gap_is_named(write) -> None:
    path = write(GAPS)
    with pytest.raises(DataError) as caught:
        Dataset.from_csv(path)
    assert caught.value.what == "column 'a' has a gap"
    assert caught.value.where == f"{path}:3"
    with pytest.raises(DataError, match="column 'b' has a gap"):
        Dataset.from_csv(path, missing=0)  # no category
    with pytest.raises(DataError, match="column 'a' has a gap"):
        Dataset.from_csv(path, target="a", missing="mean")  # targets are not made up


def test_another_table_is_read_like_the_first(write) -> None:
    train = Dataset.from_csv(write(GAPS), target="c", missing="mean")
    path = write("c,b,a\n9,y,\n8,x,2\n", "test.csv")
    x, y = whole(Dataset.from_csv(path, like=train))
    assert x.tolist() == [[4, 0, 1], [2, 1, 0]] and y.tolist() == [9, 8]
    path = write("a,b,c\n1,z,1\n", "new.csv")
    with pytest.raises(DataError) as caught:
        Dataset.from_csv(path, like=train)
    assert "no category that is known" in caught.value.what
    assert caught.value.where == f"{path}:2" and caught.value.expected == "x, y"
    with pytest.raises(UnknownNameError, match="column"):
        Dataset.from_csv(write("a,b\n1,x\n"), like=train)
    with pytest.raises(ArgumentError, match="no dataset of a table"):
        Dataset.from_csv(path, like=Dataset.from_arrays(np.zeros(2)))


# --- Damage ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "options", "line", "words"),
    [
        ("a,b\n1,2\n3\n", {}, 3, ["expected  2 cells", "1 cells: 3"]),
        ('a,b\n1,"2\n3,4\n', {}, 2, ["not CSV", "quote"]),
        ('a,b\n"1\n",2\n3\n', {}, 4, ["expected  2 cells"]),
        ("a,b\n1,2\n3,4\n5,6x\n", {}, 4, ["column 'b' is no number", "'6x'"]),
        ("a\nx\n1\n", {"kinds": {"a": "number"}}, 2, ["is no number"]),
        ("a,a\n1,2\n", {}, 1, ["same name"]),
        ("a,b\n1,2\n3,inf\n", {"target": "b"}, 3, ["column 'b'", "got       inf"]),
        ("a,b\n1,2\n-1e300,4\n", {"target": "b"}, 3, ["column 'a'", "too large"]),
    ],
)
def test_bad_lines_are_named(write, text, options, line, words) -> None:
    path = write(text)
    with pytest.raises((DataError, FileFormatError)) as caught:
        Dataset.from_csv(path, **options)
    assert caught.value.where == f"{path}:{line}"
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        (b"a\n\xe4\n", {}, "not in the encoding"),
        ("a,b\n", {}, "has no rows"),
        ("", {}, "has no rows"),
        ("a\n1\n", {"target": "b"}, "no column named"),
        ("a\n1\n", {"target": "a"}, "no column besides the target"),
        ("a\n1\n", {"encoding": "utf-9"}, "no encoding"),
        ("a\n1\n", {"kinds": {"a": "numbr"}}, "kind of column"),
        ("a\nx y\n", {"kinds": {"a": "date"}}, "no dates"),
        ("a\n1\n", {"missing": "zero"}, "policy for gaps"),
        ("a\nx\n", {"missing": {"a": "z"}}, "category or policy"),
        ("a,b\nNA,1\n", {"missing": "mean"}, "holds nothing"),
        ("a\nNA\n", {"missing": "drop"}, "no rows are left"),
        ("a\n1\n", {"names": ["p", "q"]}, "one name for each column"),
    ],
)
def test_what_cannot_be_read(write, text, options, words) -> None:
    with pytest.raises(WubuError, match=words):
        Dataset.from_csv(write(text), **options)
    with pytest.raises(DataError, match="cannot read"):
        Dataset.from_csv("nowhere.csv")


def test_too_many_categories_for_one_feature_each() -> None:
    table = {"id": [f"n{i}" for i in range(5000)], "y": np.arange(5000)}
    with pytest.raises(ArgumentError, match="too many categories"):
        Dataset.from_table(table, target="y")
    inputs, _ = whole(Dataset.from_table(table, target="y", as_dict=True))
    assert inputs["id"].max() == 4999


# --- Tables of other libraries --------------------------------------------------------

COLUMNS = {
    "size": [1.5, None, 3.0],
    "name": ["a", "b", None],
    "day": np.array(["1970-01-02", "1970-01-03", "1970-01-05"], "datetime64[D]"),
    "y": [0, 1, 1],
}
POLICIES = {"size": "mean", "name": "b"}
WANTED = [[1.5, 1, 0, 1], [2.25, 0, 1, 2], [3, 0, 1, 4]]


def check(table: Any) -> None:
    dataset = Dataset.from_table(table, target="y", missing=POLICIES)
    assert dataset.feature_names == ["size", "name=a", "name=b", "day"]
    x, y = whole(dataset)
    assert x.tolist() == WANTED and y.tolist() == [0, 1, 1]


def test_dictionaries_of_columns() -> None:
    check(COLUMNS)
    with pytest.raises(DataError, match="same rows"):
        Dataset.from_table({"a": [1], "b": [1, 2]})
    with pytest.raises(DataError, match="several numbers a row"):
        Dataset.from_table({"a": [[1, 2], [3, 4]]})
    with pytest.raises(DTypeError, match="no table"):
        Dataset.from_table(np.zeros((2, 2)))
    numbered = Dataset.from_table({"a": [10.0, 9.0]}, kinds={"a": "category"})
    assert numbered.feature_names == ["a=9", "a=10"]


def test_objects_with_columns() -> None:
    class Frame:
        """As pandas and polars have it."""

        columns = tuple(COLUMNS)

        def __getitem__(self, name: str) -> Any:
            return COLUMNS[name]

    class Arrow:
        """As pyarrow has it."""

        column_names = tuple(COLUMNS)

        def column(self, name: str) -> Any:
            return COLUMNS[name]

    check(Frame())
    check(Arrow())


def test_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    check(pandas.DataFrame(COLUMNS))


def test_pyarrow_and_parquet(tmp_path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = pyarrow.table(COLUMNS)
    check(table)
    parquet.write_table(table, tmp_path / "a.parquet")
    dataset = Dataset.from_parquet(tmp_path / "a.parquet", target="y", missing=POLICIES)
    assert whole(dataset)[0].tolist() == WANTED
    (tmp_path / "b.parquet").write_bytes(b"none")
    with pytest.raises(FileFormatError, match="no Parquet file"):
        Dataset.from_parquet(tmp_path / "b.parquet")


def test_parquet_without_pyarrow(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ArgumentError, match="pyarrow"):
        Dataset.from_parquet("a.parquet")


def test_targets_beyond_whole_numbers(write) -> None:
    _, y = whole(Dataset.from_csv(write("a,b\n1,1e20\n2,-3\n"), target="b"))
    assert y.dtype == np.float32 and y.tolist() == [np.float32(1e20), -3]
    _, y = whole(Dataset.from_csv(write(f"a,b\n1,{2**53 - 1}\n"), target="b"))
    assert y.dtype == np.int64 and y.tolist() == [2**53 - 1]
