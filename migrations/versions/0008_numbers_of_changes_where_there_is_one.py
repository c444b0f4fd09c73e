"""The index that keeps the change log's numbers apart holds those that were given, not the entries that wait"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = depends_on = None


def upgrade():
    there = sa.text('seq IS NOT NULL')
    with op.batch_alter_table('change') as batch:
        batch.drop_constraint('uq_change_seq', type_='unique')
    op.create_index('uq_change_seq', 'change', ['seq'], unique=True, sqlite_where=there, postgresql_where=there)
