"""The changes of one dataset are read in order by an index, however many there are"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = depends_on = None


def upgrade():
    there = sa.text('seq IS NOT NULL')
    op.create_index('ix_change_numbered', 'change', ['dataset_id', 'seq'], sqlite_where=there, postgresql_where=there)
