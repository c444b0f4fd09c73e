"""The body of a POST to an importer: CSV as it is, JSON as a table of its objects."""

import csv
import hashlib
import io
import json

from maestro.exchange import sources
from maestro.lib.errors import Refused
from maestro.lib.foreign.texts import text
from maestro.lib.tabular.dialect import Dialect
from maestro.lib.tabular.limits import UPLOAD, check_columns

JSON = 30_000_000                # bytes of JSON, which is read as a whole
OBJECTS = "The JSON is a list of objects, such as [{\"email\": \"ann@example.org\"}], or one object a line."


def store(importer, stream, content_type):
    """Keep a body under a key, written as the importer reads it."""
    if "json" not in content_type:
        return sources.store(stream, UPLOAD)
    rows = objects(stream.read(JSON + 1))
    columns = list(dict.fromkeys(name for row in rows for name in row))
    check_columns(len(columns))
    dialect, out = Dialect.of(importer.format), io.StringIO()
    writer = csv.writer(out, delimiter=dialect.separator, quotechar=dialect.quote or '"')
    if dialect.header:
        writer.writerow(columns)
    writer.writerows([text(row.get(name)) for name in columns] for row in rows)
    return sources.store(io.BytesIO(out.getvalue().encode(dialect.encoding, "replace")))


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
