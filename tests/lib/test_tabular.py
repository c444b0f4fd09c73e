"""Tables in files: what is read equals what was meant, and what cannot be read is said with its line."""

import csv
import gzip
import io
import json
import random
import zipfile

import pytest

from maestro.lib.errors import Refused
from maestro.lib.tabular import limits, text
from maestro.lib.tabular.dialect import Dialect
from maestro.lib.tabular.read import guess, open_table
from tests.parts import corpora
from tests.parts.reading import read, verify

CORPUS = corpora.files("csv-spectrum", "*.csv")


@pytest.fixture
def file(tmp_path):
    def make(content, name="file"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path
    return make


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_the_csv_spectrum_is_read_as_it_is_meant(path):
    columns, rows, _, bad = read(path)
    assert [dict(zip(columns, row, strict=True)) for row in rows] == json.loads(path.with_suffix(".json").read_text())
    assert not bad


@pytest.mark.parametrize("content, separator, quote, header", [
    ("address,name\nann@example.org,Ann\n", ",", '"', True),
    ("address;name\nann@example.org;Ann, B\nbob@example.org;Bob\n", ";", '"', True),
    ("address\tname\nann@example.org\tAnn\n", "\t", '"', True),
    ("address|name\nann@example.org|Ann\n", "|", '"', True),
    ("'address','name'\n'ann@example.org','Ann, B'\n", ",", "'", True),
    ("ann@example.org,Ann\nbob@example.org,Bob\n", ",", '"', False),
    ("address\nann@example.org\n", ",", '"', True),
    ("ann@example.org\n", ",", '"', False),
    ("name,since\nAnn,2024-01-02\n", ",", '"', True),
    ("Ann,2024-01-02\nBob,2024-01-03\n", ",", '"', False),
])
def test_separator_quote_and_header_are_guessed(file, content, separator, quote, header):
    assert guess(file(content)) == Dialect(separator, quote, "utf-8", header)


@pytest.mark.parametrize("encoding, guessed", [
    ("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("cp1252", "cp1252")])
def test_encodings_are_guessed_and_read(file, encoding, guessed):
    path = file("address,name\nann@example.org,Müller\n".encode(encoding))
    assert guess(path).encoding == guessed
    assert read(path)[:2] == (["address", "name"], [("ann@example.org", "Müller")])


def test_an_umlaut_in_the_last_line_of_a_long_file_is_seen_too(file):
    path = file(b"name\n" + b"Ann\n" * 500_000 + "Jürg\n".encode("cp1252"))
    assert guess(path).encoding == "cp1252"


@pytest.mark.parametrize("encoding", ["shift_jis", "gb18030", "cp1251", "iso-8859-2", "koi8-r", "utf-16"])
def test_a_chosen_encoding_is_used(file, encoding):
    word = {"shift_jis": "東京", "gb18030": "北京", "iso-8859-2": "Łódź"}.get(encoding, "Москва")
    assert read(file(f"city\n{word}\n".encode(encoding)), Dialect(encoding=encoding))[1] == [(word,)]


def test_a_line_that_breaks_its_encoding_is_named(file):
    with pytest.raises(Refused, match=r"Line 3 .*UTF-8"):
        read(file(b"name\nAnn\nJ\xfcrg\n"), Dialect(encoding="utf-8"))


def test_a_ragged_row_is_rejected_alone(file):
    columns, rows, lines, bad = read(file("a,b\n1,2\n3\n4,5,6\n7,8\n"), Dialect())
    assert rows == [("1", "2"), ("7", "8")]
    assert lines == [2, 5]
    assert [(row.line, row.reason) for row in bad] == [
        (3, "The row has 1 cells instead of 2."), (4, "The row has 3 cells instead of 2.")]


def test_a_row_too_short_and_one_too_long_do_not_make_up_for_each_other(file):
    assert [row.line for row in read(file("a,b\n1\n4,5,6\n"), Dialect())[3]] == [2, 3]


def test_empty_rows_are_passed_over_and_lines_still_counted(file):
    assert read(file("\na,b\n\n1,2\n,\n3,4\n"), Dialect())[:3] == (["a", "b"], [("1", "2"), ("3", "4")], [4, 6])


def test_lines_are_counted_through_cells_with_line_breaks(file):
    assert read(file('a,b\r\n"x\r\ny",2\r\n3,4\r\n'), Dialect())[1:3] == ([("x\r\ny", "2"), ("3", "4")], [2, 4])


@pytest.mark.parametrize("content, rows", [
    ('a,b\n5" pipe,1\n', [('5" pipe', "1")]),
    ('a,b\n"Ann "the one"",1\n2,3\n', [('Ann the one""', "1"), ("2", "3")]),
    ("a,b\r1,2\r3,4\r", [("1", "2"), ("3", "4")]),
    ("a,b\n1,2\r\n3,4\r5,6\n", [("1", "2"), ("3", "4"), ("5", "6")]),
    ("a,b\nx\0y,2\n", [("x\0y", "2")]),
    ('a,b\n"1"" ,2\n3,4"\n', [('1" ,2\n3,4', "")]),
])
def test_what_is_not_regular_is_read_as_python_reads_it(file, content, rows):
    found = read(file(content), Dialect())
    assert found[1] == rows or found[3]


def test_a_quote_that_is_never_closed_is_named_by_its_line(file):
    with pytest.raises(Refused, match="Line 3 "):
        read(file('a,b\n1,2\n"3,4\n' + "5,6\n" * 10), Dialect())


def test_without_a_quote_character_quotes_are_signs_like_others(file):
    assert read(file('a,b\n"1,2"\n'), Dialect(quote=""))[1] == [('"1', '2"')]


def test_columns_without_a_name_and_names_twice_get_numbers(file):
    assert read(file("name,,name\n1,2,3\n"), Dialect())[0] == ["name", "Column 2", "name (3)"]
    assert read(file("1,2\n"), Dialect(header=False))[0] == ["Column 1", "Column 2"]


def test_an_empty_file_is_refused(file):
    for content in ("", "\n\n", "\ufeff"):
        with pytest.raises(Refused, match="empty"):
            read(file(content), Dialect())


def test_a_header_alone_is_a_table_without_rows(file):
    assert read(file("a,b\n"), Dialect())[:2] == (["a", "b"], [])


def table(seed):
    """A random table of awkward cells as lists of text."""
    chance = random.Random(seed)
    signs = ["a", "é", "東", " ", ",", '"', "\n", "\r\n", "'", ";", "=", "\\", "\t", "\u2028", "0", "|", "x" * 40]
    width = chance.randint(1, 6)
    header = [f"h{number}" for number in range(width)]
    return [header] + [["".join(chance.choices(signs, k=chance.choice([0, 0, 1, 2, 5, 9]))) for _ in header]
                       for _ in range(chance.randint(1, 80))]


@pytest.mark.parametrize("seed", range(60))
def test_what_is_written_is_read_back(file, seed, monkeypatch):
    chance = random.Random(seed)
    monkeypatch.setattr(text, "GATHER", chance.choice([1, 50, 1000, 1 << 22]))
    rows = table(seed)
    separator, quoting = chance.choice(",;\t|"), chance.choice([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
    out = io.StringIO()
    csv.writer(out, delimiter=separator, quoting=quoting, lineterminator=chance.choice(["\n", "\r\n"])).writerows(rows)
    encoding = chance.choice(["utf-8", "utf-8-sig", "utf-16"])
    path = file(out.getvalue().encode(encoding))
    columns, found, _, bad = read(path, Dialect(separator, '"', encoding.removesuffix("-sig")))
    assert columns == rows[0]
    assert found == [tuple(row) for row in rows[1:] if any(row)]
    assert not bad


@pytest.mark.parametrize("seed", range(300))
def test_rubbish_is_read_or_refused_but_never_breaks(file, seed, monkeypatch):
    chance = random.Random(seed)
    monkeypatch.setattr(text, "GATHER", chance.choice([1, 30, 1 << 22]))
    signs = [b'"', b",", b"\n", b"\r", b"\r\n", b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b"\x81", b"a", b"\xc3\xa9", b";"]
    path = file(b"".join(chance.choices(signs, k=chance.randint(0, 200))))
    try:
        read(path)
        read(path, Dialect())
    except Refused as refusal:
        assert refusal.sentence.endswith((".", "?"))


@pytest.mark.parametrize("hundred", range(20))
def test_malformed_files_are_read_as_they_are_meant_or_refused_by_line(tmp_path, monkeypatch, hundred):
    for seed in range(hundred * 100, hundred * 100 + 100):
        verify(seed, tmp_path / "file", monkeypatch)


def test_many_columns_rows_and_characters_are_refused(file, monkeypatch):
    with pytest.raises(Refused, match="300 columns"):
        read(file("a," * 299 + "a\n"), Dialect())
    monkeypatch.setattr(limits, "ROWS", 3)
    with pytest.raises(Refused, match="more than 3 rows"):
        read(file("a\n" + "1\n" * 4), Dialect())
    found = read(file("a,b\nx," + "é" * 10_001 + "\ny," + "é" * 10_000 + "\n"), Dialect())
    assert [row[0] for row in found[1]] == ["y"]
    assert found[3][0].reason == "A cell has 10,001 characters; the limit is 10,000."


def test_a_line_without_end_is_left_out_and_never_held_whole(file):
    columns, rows, lines, bad = read(file(b"a,b\n1,2\n" + b"x" * 20_000_000 + b"\r\n3,4\n"), Dialect())
    assert (rows, lines) == ([("1", "2"), ("3", "4")], [2, 4])
    assert [(row.line, row.reason) for row in bad] == [(3, "The line has more than 4,000,000 characters.")]
    with pytest.raises(Refused, match="Line 1: The line has more"):
        read(file(b"," * 10_000_000), Dialect())
    with pytest.raises(Refused, match="Line 2 opens a quote that is never closed"):
        read(file(b"a,b\n" + b'"x\n' + (b"y" * 999 + b"\n") * 5000), Dialect())


def test_compressed_files_are_read_as_they_are(file, tmp_path):
    content = b"address,name\nann@example.org,Ann\n"
    packed = file(gzip.compress(content), "file.gz")
    with zipfile.ZipFile(tmp_path / "file.zip", "w") as archive:
        archive.writestr("../../name.csv", content)
    assert read(packed) == read(tmp_path / "file.zip") == read(file(content))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "file.gz", "file.zip"]


def test_bombs_and_damaged_archives_are_refused(file, tmp_path):
    with pytest.raises(Refused, match="too large"):
        read(file(gzip.compress(b"a,b\n" + b"0,1\n" * 6_000_000, 5)), Dialect())
    with pytest.raises(Refused, match="damaged"):
        read(file(gzip.compress(b"a\n" * 100_000)[:-20]), Dialect())
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.csv", "a")
        archive.writestr("b.csv", "b")
    with pytest.raises(Refused, match="holds 2 files"):
        read(tmp_path / "two.zip", Dialect())
    with pytest.raises(Refused, match="damaged"):
        read(file(b"PK\x03\x04 rubbish"), Dialect())


def test_a_preview_shows_the_first_rows_and_what_is_wrong_among_them(file):
    preview = open_table(file("a,b\n1,2\n3\n4,5\n" + "6,7\n" * 50), Dialect()).preview(3)
    assert preview.rows == [("1", "2"), ("4", "5"), ("6", "7")]
    assert preview.lines == [2, 4, 5]
    assert [row.line for row in preview.bad] == [3]
