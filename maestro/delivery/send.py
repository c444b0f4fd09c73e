"""Sending a job by its mail server: one event loop, some connections, one ledger.

    claim a chunk -> render -> MAIL RCPT DATA -> intent on the disk -> message and its end -> answer -> outcome

`sender.py` holds it together, `window.py` is one connection's way through this, `books.py` what they all write down.
"""

import asyncio
import os
import socket
from uuid import uuid4

import uvloop
from flask import current_app
from sqlalchemy.engine import make_url

from maestro.delivery import ledger
from maestro.delivery.link import LedgerAway
from maestro.delivery.orders import Order, Result
from maestro.delivery.postgres import PostgresLedger
from maestro.delivery.sender import Sender
from maestro.delivery.sqlite import SQLiteLedger
from maestro.extensions import db


def send_slice(job, recipients, message, route, seconds=30, stop=None):
    """Send what is due of `job` for so long, or until `stop` (an Event) is set. No transaction may be open.

    `recipients` says what is read of each person, and merges it; `message.render` makes the bytes.
    """
    config = current_app.extensions["maestro"]
    order = Order.of(job, recipients)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        result = runner.run(run(order, recipients, message, route, config, seconds, stop))
    return finished(job, result)


def finished(job, result):
    """The result of a slice, with what is left of the job now."""
    db.session.rollback()
    rows, next_at = ledger.left(job.id)
    db.session.rollback()
    return result._replace(left=rows, next_at=next_at)


async def run(order, recipients, message, route, config, seconds, stop):
    sender = Sender(ledger_for(order, config), recipients, message, route, config)
    try:
        return await sender.run(seconds, stop)
    except LedgerAway as problem:
        return Result(trouble=f"The database does not answer: {problem}")
    except ExceptionGroup as problems:
        away, others = problems.split(LedgerAway)
        if others:
            raise others from None
        return Result(trouble=f"The database does not answer: {away.exceptions[0]}")


def ledger_for(order, config):
    """The ledger of the installation's database, for one sender with a name of its own."""
    owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
    if config.sqlite:
        return SQLiteLedger(make_url(config.database_url).database, order, owner)
    return PostgresLedger(config.database_url.replace("+psycopg", "", 1), order, owner)
