"""Applying: a plan becomes fact slice by slice, each in one transaction with its lines of the change log.

The cursor moves in the same transaction, so that no slice goes in twice; from the first one on a run goes only forward.
"""

import time
from contextlib import suppress
from functools import partial

from sqlalchemy import Index, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateIndex

from maestro.exchange.effects import perform
from maestro.exchange.expressions import is_sqlite
from maestro.exchange.slices import Slice, look_again
from maestro.extensions import reading
from maestro.lib import clock, crash

BLOCK = 1_000_000                # rows of a transaction on PostgreSQL
FIRST = 500                      # rows of the first slice on SQLite
WISH = 0.03                      # seconds that a slice should hold SQLite's only lock; 0.05 at most
PAUSE = 0.01                     # seconds in which others write
TRIES = 3                        # of a slice into which others write what only one may have


def apply(run, staging, hold):
    """Apply what is left of the plan. `hold` keeps the cursor, or raises when the run is no longer ours."""
    with staging.opened() as connection:
        with reading(), connection.begin():
            last = connection.scalar(select(func.coalesce(func.max(staging.plan.c._n), 0)))
            pairs = select(staging.plan.c._person, staging.plan.c._place).distinct()
            ops = {tuple(row) for row in connection.execute(pairs)}
            if last > BLOCK and not is_sqlite():
                find_blocks(staging.plan, connection)
        low, size = run.cursor, FIRST if is_sqlite() else BLOCK
        while low < last:
            started = clock.monotonic()
            low = in_the_end(partial(apply_slice, run, staging, connection, hold, ops, low, min(low + size, last)))
            hold.stop_if_told()
            if is_sqlite():
                size = next_size(size, clock.monotonic() - started)
                time.sleep(PAUSE)


def find_blocks(plan, connection):
    """Let each block be found without a look at the others: its rows lie together."""
    connection.execute(CreateIndex(Index(f"ix_{plan.name}_n", plan.c._n, postgresql_using="brin"), if_not_exists=True))


def in_the_end(deed):
    """What a slice's transaction answers. Who took an address or a key before its end is seen at the next try."""
    for _ in range(TRIES - 1):
        with suppress(IntegrityError):
            return deed()
    return deed()


def apply_slice(run, staging, connection, hold, ops, low, high):
    with connection.begin():
        piece = Slice(run, staging, connection, low, high, ops)
        look_again(piece)
        perform(piece)
        hold.keep(connection, cursor=high, done=high)
        crash.point("apply_slice")
    return high


def next_size(size, seconds):
    """Rows for the next slice, so that it takes as long as wished; never more than twice or less than a fifth."""
    return max(50, int(size * min(2, max(0.2, WISH / max(seconds, 0.001)))))
