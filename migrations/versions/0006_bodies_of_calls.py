"""Calls of trigger URLs know what body they brought: another one is another call"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = depends_on = None


def upgrade():
    op.add_column('action_call', sa.Column('digest', sa.String(64), nullable=False, server_default=''))
