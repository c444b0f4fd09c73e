"""The body of a POST to an importer: CSV as it is, JSON as a table of its objects."""

import csv
import hashlib
import io
import json
from dataclasses import replace

from maestro.exchange import sources
from maestro.lib.errors import Refused
from maestro.lib.foreign.texts import text
from maestro.lib.tabular.dialect import Dialect
from maestro.lib.tabular.limits import UPLOAD, check_columns

JSON = 30_000_000                # bytes of JSON, which is read as a whole
NAMES = (".json", ".jsonl", ".ndjson")
HALVES = "This JSON holds half a character: the codes \\ud800 to \\udfff come in pairs."
OBJECTS = "The JSON is a list of objects, such as [{\"email\": \"ann@example.org\"}], or one object a line."


def store(importer, stream, content_type):
    """Keep a body: the key under which it lies, and how it is read. JSON knows no encoding, so its letters all stay."""
    if "json" not in content_type:
        return sources.store(stream, UPLOAD), importer.format
    known = Dialect.of(importer.format)
    dialect = replace(known, encoding="utf-8", quote=known.quote or '"')
    return table(stream.read(JSON + 1), dialect), dialect.as_dict()


def example(key, file_name):
    """(key, dialect) of a file that looks like what will be posted; None for the dialect of what is no JSON."""
    with open(sources.path(key), "rb") as file:
        raw = file.read(JSON + 1)
    if not file_name.lower().endswith(NAMES) and raw.lstrip()[:1] not in (b"[", b"{"):
        return key, None
    sources.forget(key)
    return table(raw, Dialect()), Dialect()


def table(raw, dialect):
    """Keep JSON as a file with a column for each name; returns its key."""
    rows = objects(raw)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    check_columns(len(columns))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=dialect.separator, quotechar=dialect.quote)
    if dialect.header:
        writer.writerow(columns)
    writer.writerows([text(row.get(name)) for name in columns] for row in rows)
    try:
        return sources.store(io.BytesIO(out.getvalue().encode()))
    except UnicodeEncodeError:
        raise Refused(HALVES, "body") from None


def digest(key):
    """SHA-256 of a stored body: what tells one call with people from another."""
    with open(sources.path(key), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def objects(raw):
    """The objects of a JSON array, of {"rows": [...]}, or of JSON lines."""
    if len(raw) > JSON:
        raise Refused(f"JSON may have {JSON // 1_000_000} MB. Send CSV instead.", "body")
    try:
        read = json.loads(raw)
    except (ValueError, RecursionError):
        read = json_lines(raw)
    read = read.get("rows", [read]) if isinstance(read, dict) else read
    if not isinstance(read, list) or not read or not all(isinstance(row, dict) for row in read):
        raise Refused(OBJECTS, "body")
    return read


def json_lines(raw):
    try:
        return [json.loads(line) for line in raw.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        raise Refused(OBJECTS, "body") from None
