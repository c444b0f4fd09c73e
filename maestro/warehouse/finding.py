"""What the search box of the people table finds. An index makes it quicker, never different.

Words of three letters or more are found anywhere in an address or a text, shorter ones only where a word begins: what
an index of three-letter pieces can answer.
"""

import re

from sqlalchemy import column, or_, table, text

from maestro.extensions import db
from maestro.lib.folding import folded, indexed, searched
from maestro.lib.operators import TEXTS
from maestro.warehouse import fields, indexes, pieces

MOST = 10_000                                      # more are not listed: such a search says too little
WORDS, LETTERS = 5, 200                            # of a search; what is longer is cut off
PLANNING = text(                                   # PostgreSQL: with the words at hand, and slow lower() in mind
    "SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('cpu_operator_cost', '0.05', true), "
    "set_config('synchronize_seqscans', 'off', true), set_config('jit', 'off', true)")


def words(search):
    """The words that are looked for, in lower case. Signs alone are no words: no index knows them."""
    printable = "".join(letter if letter.isprintable() else " " for letter in search[:LETTERS])
    return [word for word in printable.lower().split() if any(map(str.isalnum, word))][:WORDS]


def among(dataset, people, chosen, list, looked_for, many):
    """Of `chosen`, a select of ids of `people`, the first who match all words: `MOST`, and one more if there are more.

    `many`: so many are chosen that an index is worth its while, if there is one.
    """
    texts = [people.c[field.name] for field in fields.of(dataset, list) if field.type in TEXTS]
    for word in looked_for:
        forms = [people.c.address_key, *(form(value, word) for value in texts)]
        chosen = chosen.where(or_(*(matches(value, word) for value in forms)))
    return (HASTEN[db.engine.dialect.name](people, chosen, looked_for) if many else chosen).limit(MOST + 1)


def form(value, word):
    """How a text is looked at for a word: PostgreSQL's pieces know three letters in a row, and short beginnings."""
    known = len(word) < pieces.LENGTH or any(len(part) >= pieces.LENGTH for part in re.split(r"[\W_]+", word))
    return indexed(folded(value), searched(value, word)) if known else searched(value, word)


def matches(value, word):
    if len(word) < pieces.LENGTH:
        return or_(value.startswith(word, autoescape=True), value.contains(f" {word}", autoescape=True))
    return value.contains(word, autoescape=True)


def by_pieces(people, chosen, looked_for):
    """SQLite: go through those whose pieces fit; they may be too many, as the pieces know the fields of all lists.

    The order makes the plan begin with the pieces, whatever other indexes promise.
    """
    if pieces.name(people) not in indexes.existing(people):
        return chosen
    index = table(pieces.name(people), column("rowid"), column("text"))
    fitting = index.c.text.op("MATCH")(pieces.asked(looked_for))
    return chosen.join(index, index.c.rowid == people.c.id).where(fitting).order_by(index.c.rowid)


def by_plan(_people, chosen, _looked_for):
    """PostgreSQL uses its indexes by itself, if it plans with what is true."""
    db.session.execute(PLANNING)
    return chosen


HASTEN = {"sqlite": by_pieces, "postgresql": by_plan}
