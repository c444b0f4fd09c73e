"""What PostgreSQL writes of a column's values, turned into what is written of the same values elsewhere (`texts`)."""

import polars as pl

from maestro.lib.foreign.texts import texts, whole_numbers

OF_DAYS = {"date", "timestamp", "timestamptz"}     # written like this where DateStyle is ISO


def same(column):
    return column


def truths(column):
    return column.replace({"t": "T", "f": "F"})


def floats(column):
    values = column.cast(pl.Float64)
    whole = whole_numbers(values)
    return texts(column.name, values.to_list()) if whole is None else whole


def decimals(column):
    texts = pl.col(column.name)
    short = texts.str.strip_chars_end("0").str.strip_chars_end(".")
    plain = pl.when(texts.str.contains(".", literal=True)).then(short).otherwise(texts)
    return column.to_frame().select(plain.replace(["NaN", "Infinity", "-Infinity"], None)).to_series()


def moments(column):
    return column.str.replace(r" 00:00:00$", "").str.replace(r"\.\d+", "")


def moments_of_a_zone(column):
    return column.str.replace(r"\.\d+", "").str.replace(r"([+-]\d\d)$", "$1:00")


FORMS = {"text": same, "varchar": same, "bpchar": same, "name": same, "other": same, "uuid": same, "int2": same,
         "int4": same, "int8": same, "date": same, "bool": truths, "float4": floats, "float8": floats,
         "numeric": decimals, "timestamp": moments, "timestamptz": moments_of_a_zone}
