"""Rows that cannot be used, as they are told: line, field, what stands there, why, key of the row's address."""

import polars as pl


def reject(lines, name, texts, reasons, keys):
    """A reject for each cell whose text is in `reasons`."""
    if not reasons:
        return []
    rows = pl.DataFrame([lines, texts, keys], schema=["line", "text", "key"]).filter(texts.is_in(list(reasons)))
    return [(line, name, shown(text), reasons[text], key) for line, text, key in rows.iter_rows()]


def shown(text):
    """The beginning of a text that cannot be used, as PostgreSQL keeps texts: without a NUL."""
    return text[:200].replace("\0", "␀")


def reject_empty(lines, texts):
    empty = lines.filter(texts.is_null())
    return [(line, "address", "", "The row has no address.", None) for line in empty]


def unread(batch):
    return [(row.line, "", shown(row.text), row.reason, None, None) for row in batch.bad]
