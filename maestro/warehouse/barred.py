"""Addresses of people who were erased, known by a keyed hash only: no import and no user brings them back.

Who signs up again himself is welcome: then the hash goes too.
"""

import hashlib
import hmac

from flask import current_app
from sqlalchemy import delete, select

from maestro.extensions import db
from maestro.lib.secrets import derive
from maestro.models import Erasure, Suppression
from maestro.warehouse import restriction

MARK = "#"                                         # before the hash where a suppression had the address itself


def hasher():
    """The function from an address's key to its hash, for as many as one likes."""
    secret = derive(current_app.extensions["maestro"].SECRET_KEY, "erasure")
    return lambda key: hmac.digest(secret, key.encode(), hashlib.sha256).hex()


def hashed(key):
    return hasher()(key)


def hashes(dataset, connection):
    """All hashes that count for a dataset: of its erased people, and of suppressions of people erased elsewhere."""
    own = select(Erasure.address_hash).where(Erasure.dataset_id == dataset.id)
    held = select(Suppression.address_key).where(
        Suppression.address_key.startswith(MARK, autoescape=True), restriction.counts_for(dataset.group_id))
    return {*connection.scalars(own), *(key.removeprefix(MARK) for key in connection.scalars(held))}


def is_barred(dataset, key):
    mine, marked = hashed(key), MARK + hashed(key)
    erased = select(Erasure.id).where(Erasure.dataset_id == dataset.id, Erasure.address_hash == mine)
    held = select(Suppression.id).where(
        Suppression.address_key == marked, restriction.counts_for(dataset.group_id))
    return any(db.session.scalar(found.limit(1)) for found in (erased, held))


def among(dataset, connection, keys):
    """Those of `keys`, a select, that are barred. They are read only if somebody was erased at all."""
    known = hashes(dataset, connection)
    hash = hasher()
    return [key for key in connection.scalars(keys) if hash(key) in known] if known else []


def lift(dataset, key):
    """The person came back by himself."""
    db.session.execute(delete(Erasure).where(
        Erasure.dataset_id == dataset.id, Erasure.address_hash == hashed(key), Erasure.sealed.is_(None)))
    db.session.execute(delete(Suppression).where(
        Suppression.address_key == MARK + hashed(key), Suppression.group_id == dataset.group_id))
