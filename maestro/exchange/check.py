"""Checking: what a run would do, in numbers, and whether a person should look at it first."""

from sqlalchemy import func, inspect, select

from maestro.exchange import plan
from maestro.exchange.compare import PRESENT
from maestro.lib.wording import plural
from maestro.models import Subscription
from maestro.warehouse import tables

SHARE, FEW = 20, 50              # percent of the people, and people, that may be removed without asking


def check(run, staging):
    """Make the plan of a run. Returns its counts, and the sentence that stops it ("" when nothing does)."""
    with staging.work() as connection:
        kinds = plan.build(run, staging, connection)
        rejects = staging.rejects.c
        rejected = connection.scalar(select(func.count(rejects._line.distinct())))
        late = connection.scalar(select(func.count(rejects._line.distinct())).where(rejects._late))
        counts = {kind: kinds.get(kind, 0) for kind in ("added", "changed", "removed", "protected")}
        from_source = [kind for kind in counts if kind != "removed" or run.mode == "remove"]
        compared = run.counts["staged"] - late - sum(counts[kind] for kind in from_source)
        counts["unchanged"] = compared + run.counts["same"]
        counts |= {"rejected": rejected, "planned": last_planned(staging, connection)}
        unread = connection.scalar(select(func.count()).where(rejects._field == ""))
        people = present(run, connection) if counts["removed"] else 0
        return counts, doubt(run, counts["removed"], people, unread)


def last_planned(staging, connection):
    return connection.scalar(select(func.coalesce(func.max(staging.plan.c._n), 0)))


def present(run, connection):
    """How many people are in the target now."""
    if run.list_id:
        here = select(func.count()).where(Subscription.list_id == run.list_id, Subscription.state.in_(PRESENT))
    else:
        people = tables.table(run.dataset)
        here = select(func.count()).where(people.c.state.in_(PRESENT))
    return connection.scalar(here)


def doubt(run, removed, people, unread):
    """What should be looked at before this is applied, in a sentence."""
    if not run.total:
        return "The source has no rows."
    if unread and removed and run.mode == "synchronise":
        return (f"{plural(unread, 'row', 'rows')} of the source could not be read. Nobody can say whether the "
                f"{plural(removed, 'person', 'people')} who would be removed stood there.")
    share = run.options.get("guard", SHARE)
    if removed > FEW and removed * 100 > share * people:
        return f"This import would remove {removed:,} of {people:,} people, more than {share} %."
    return ""


def is_whole(run, staging):
    """Whether the staging tables still hold what was fetched: a crash of PostgreSQL empties them.

    Nor are those of an earlier version whole.
    """
    with staging.work() as connection:
        return has_columns(connection, staging.rejects) and all(
            has_columns(connection, table)
            and connection.scalar(select(func.count()).select_from(table)) == run.counts.get(name)
            for name, table in (("staged", staging.stage), ("same", staging.same)))


def has_columns(connection, table):
    """Whether a table is there, with all its columns."""
    return exists(connection, table) and set(table.c.keys()) <= {
        column["name"] for column in inspect(connection).get_columns(table.name, schema=table.schema)}


def is_planned(run, staging):
    """The same for the plan."""
    with staging.work() as connection:
        return exists(connection, staging.plan) and last_planned(staging, connection) == run.counts["planned"]


def exists(connection, table):
    return inspect(connection).has_table(table.name, schema=table.schema)


def final_counts(run, staging):
    """The counts of a run that is done: people who were changed by somebody else meanwhile were left alone."""
    table = staging.plan.c
    with staging.work() as connection:
        passed = select(table._kind, func.count()).where(table._stale).group_by(table._kind)
        stale = dict(connection.execute(passed).all())
    counts = dict(run.counts)
    for kind, count in stale.items():
        name = plan.KINDS[kind]
        if name in counts:
            counts[name] -= count
            counts["unchanged"] += count
    return counts
