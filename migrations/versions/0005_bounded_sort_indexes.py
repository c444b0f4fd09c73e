"""Indexes by which texts are sorted know their beginnings only; they are made anew when somebody looks"""

from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = depends_on = None

DROP = """
DO $$
DECLARE found record;
BEGIN
    FOR found IN SELECT indexname FROM pg_indexes WHERE schemaname = 'warehouse' AND (
        starts_with(indexname::text, 'eq_dataset_')
        OR starts_with(indexname::text, 'ix_dataset_') AND strpos(indexdef, 'und-x-icu') > 0)
    LOOP
        EXECUTE 'DROP INDEX warehouse.' || quote_ident(found.indexname);
    END LOOP;
END $$
"""


def upgrade():
    if op.get_bind().dialect.name == 'postgresql':
        op.get_bind().exec_driver_sql(DROP)
