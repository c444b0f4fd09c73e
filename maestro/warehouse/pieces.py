"""SQLite: three-letter pieces of addresses and texts, indexed, so that words are found inside them in a big dataset.

They are an FTS5 table beside the people's, `dataset_1_pieces`, kept true by triggers. Each word in it begins with two
line feeds, which no word contains: so its first letters have pieces of their own. The table is filled under another
name; once it is called by its own, it is whole.
"""

from maestro.extensions import db
from maestro.lib.operators import TEXTS
from maestro.warehouse import tables

LENGTH = 3
SLICE = 1000                                       # people dealt with at once: other writers wait for so many
BEGINNING = "\n\n"
DEEDS = ("add", "change", "remove")


def name(people):
    return f"{people.name}_pieces"


def asked(words):
    """The words as FTS5 is asked for them."""
    needles = [word if len(word) >= LENGTH else BEGINNING + word for word in words]
    return " AND ".join('"' + needle.replace('"', '""') + '"' for needle in needles)


def fill(dataset):
    """Make the table of pieces, a slice of people at a time. Commits."""
    people = tables.table(dataset).name
    growing = f"{people}_pieces_new"
    run(f"DROP TABLE IF EXISTS {growing}")
    run(f"CREATE VIRTUAL TABLE {growing} USING fts5(text, tokenize='trigram')")
    watch(dataset, growing)
    last, place = run(f"SELECT coalesce(max(id), 0) FROM {people}").scalar(), 0             # noqa: S608
    while place < last:
        run(f"INSERT OR REPLACE INTO {growing} (rowid, text) SELECT id, {document(dataset)} FROM {people} "  # noqa: S608
            f"WHERE id > {place} AND id <= {place + SLICE}")
        place += SLICE
        db.session.commit()
        db.session.refresh(dataset, ["fields"])
    run(f"ALTER TABLE {growing} RENAME TO {people}_pieces")
    db.session.commit()


def follow(dataset):
    """Take up the fields as they are now, where there are pieces."""
    people = tables.table(dataset).name
    found = run("SELECT name FROM sqlite_master WHERE name IN (?, ?) ORDER BY name",
                (f"{people}_pieces", f"{people}_pieces_new")).scalars().all() if is_here() else []
    if found:
        watch(dataset, found[0])


def watch(dataset, target):
    """Let triggers bring every change of people into the table of pieces called `target`."""
    let_go(dataset)
    people, old, new = tables.table(dataset).name, values(dataset, "OLD."), values(dataset, "NEW.")
    put = f"INSERT OR REPLACE INTO {target} (rowid, text) VALUES (NEW.id, {document(dataset, 'NEW.')})"    # noqa: S608
    for deed, event, statement in (
            ("add", f"INSERT ON {people}", put),
            ("change", f"UPDATE {touched(dataset)} ON {people} WHEN ({old}) IS NOT ({new})", put),
            ("remove", f"DELETE ON {people}", f"DELETE FROM {target} WHERE rowid = OLD.id")):              # noqa: S608
        run(f"CREATE TRIGGER {people}_pieces_{deed} AFTER {event} BEGIN {statement}; END")


def touched(dataset):
    """Which updates matter: those of texts. A derived text may change with any column."""
    return "" if any(field.formula for field in dataset.fields) else f"OF {values(dataset)}"


def let_go(dataset):
    """Stop following: no column can be dropped while a trigger names it."""
    for deed in DEEDS if is_here() else ():
        run(f"DROP TRIGGER IF EXISTS {name(tables.table(dataset))}_{deed}")


def drop(dataset):
    """Take the pieces away, before their dataset goes."""
    for end in ("", "_new") if is_here() else ():
        run(f"DROP TABLE IF EXISTS {name(tables.table(dataset))}{end}")


def values(dataset, place=""):
    """The columns with texts in them, quoted and each after `place`."""
    quote = db.engine.dialect.identifier_preparer.quote
    names = ["address_key", *(field.name for field in dataset.fields if field.type in TEXTS)]
    return ", ".join(place + quote(name) for name in names)


def document(dataset, place=""):
    """What is indexed of a person, as an expression."""
    begun = (f"coalesce(char(10, 10) || {value}, '')" for value in values(dataset, place).split(", "))
    return f"lower(replace({' || '.join(begun)}, ' ', char(10, 10)))"


def is_here():
    return db.engine.dialect.name == "sqlite"


def run(statement, values=()):
    """Run a statement that is made of checked names alone."""
    return db.session.connection().exec_driver_sql(statement, values)
