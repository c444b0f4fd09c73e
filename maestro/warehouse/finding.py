"""What the search box of the people table finds. An index makes it quicker, never different.

Words of three letters or more are found anywhere in the address or in a text, shorter ones only where one begins:
what an index of three-letter pieces can answer.
"""

from sqlalchemy import column, or_, table, text

from maestro.extensions import db
from maestro.lib.operators import TEXTS, folded
from maestro.warehouse import fields, indexes, pieces

MOST = 10_000                                      # more are not listed: such a search says too little
WORDS, LETTERS = 5, 200                            # of a search; what is longer is cut off


def words(search):
    """The words that are looked for, in lower case."""
    printable = "".join(letter if letter.isprintable() else " " for letter in search[:LETTERS])
    return printable.lower().split()[:WORDS]


def among(dataset, people, chosen, list, looked_for, many):
    """Of `chosen`, a select of ids of `people`, the first who match all words: `MOST`, and one more if there are more.

    `many`: so many are chosen that an index is worth its while, if there is one.
    """
    texts = [people.c.address_key, *(people.c[field.name] for field in fields.of(dataset, list) if field.type in TEXTS)]
    for word in looked_for:
        chosen = chosen.where(or_(*(matches(value, word) for value in texts)))
    begun = HASTEN[db.engine.dialect.name](people, chosen, looked_for) if many else None
    return (chosen.order_by(people.c.id) if begun is None else begun).limit(MOST + 1)


def matches(value, word):
    if len(word) < pieces.LENGTH:
        return folded(value).startswith(word, autoescape=True)
    return folded(value).contains(word, autoescape=True)


def by_pieces(people, chosen, looked_for):
    """SQLite: go through those whose pieces fit; they may be too many, as the pieces know the fields of all lists.

    The order makes the plan begin with the pieces, whatever other indexes promise.
    """
    if pieces.name(people) not in indexes.existing(people):
        return None
    index = table(pieces.name(people), column("rowid"), column("text"))
    fitting = index.c.text.op("MATCH")(pieces.asked(looked_for))
    return chosen.join(index, index.c.rowid == people.c.id).where(fitting).order_by(index.c.rowid)


def by_plan(_people, _chosen, _looked_for):
    """PostgreSQL uses its indexes by itself, if it plans with the words at hand."""
    db.session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


HASTEN = {"sqlite": by_pieces, "postgresql": by_plan}
