"""Recipients that an importer brings; fields that change in the background"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = depends_on = None


def upgrade():
    op.add_column('mail_job', sa.Column('importer_id', sa.Integer()))
    op.add_column('dataset', sa.Column('work', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('dataset', sa.Column('work_at', sa.DateTime(timezone=True)))
    op.create_index(op.f('ix_dataset_work_at'), 'dataset', ['work_at'])
