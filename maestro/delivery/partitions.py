"""PostgreSQL keeps the recipients of neighbouring jobs in a table of their own: partitions, made when needed."""

from sqlalchemy import text

from maestro.delivery.dialects import ROWS_OF_PARTITION, PostgreSQL
from maestro.extensions import db

FILL = 70                                          # percent; the rest of a page lets rows be updated in place


def make(job_id):
    """Make sure that recipients of this job can be stored. SQLite needs nothing."""
    connection = db.session.connection()
    if connection.dialect.name != "postgresql":
        return
    connection.execute(text("SELECT pg_advisory_xact_lock(7262831)"))
    first = job_id // ROWS_OF_PARTITION * ROWS_OF_PARTITION
    connection.exec_driver_sql(
        f"CREATE TABLE IF NOT EXISTS {PostgreSQL.recipients(job_id)} PARTITION OF recipient "
        f"FOR VALUES FROM ({first}) TO ({first + ROWS_OF_PARTITION}) WITH (fillfactor = {FILL})")


def analyse(job_id):
    """Let the planner know how large the job's partition has become."""
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ANALYZE {PostgreSQL.recipients(job_id)}, chunk")
