"""Fields in full, target groups, lookup tables, exporters; sources and importers"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    audience()
    audience_columns()
    consents()
    downloads()
    exchange()
    exchange_columns()


def audience():
    """The new tables of the warehouse."""
    table('lookup_table', sa.Column('group_id', BigId, nullable=False), named(), described(),
          sa.Column('columns', sa.JSON(), nullable=False), sa.Column('rows', sa.JSON(), nullable=False),
          sa.Column('subsets', sa.JSON(), nullable=False), foreign('lookup_table', 'group_id', 'user_group'),
          sa.UniqueConstraint('group_id', 'name', name=op.f('uq_lookup_table_group_id_name')), index='group_id')
    table('list_folder', sa.Column('dataset_id', BigId, nullable=False), sa.Column('parent_id', BigId),
          named(), described(), foreign('list_folder', 'dataset_id', 'dataset'),
          foreign('list_folder', 'parent_id', 'list_folder'), index='dataset_id', autoincrement=False)
    table('target_group', sa.Column('dataset_id', BigId, nullable=False), sa.Column('list_id', BigId),
          sa.Column('segment', sa.Boolean(), nullable=False), named(), described(),
          sa.Column('category', sa.String(length=120), nullable=False),
          sa.Column('enabled', sa.Boolean(), nullable=False),
          sa.Column('condition', sa.JSON(), nullable=False), foreign('target_group', 'dataset_id', 'dataset'),
          foreign('target_group', 'list_id', 'hosted_list'), index='dataset_id')
    op.create_index(op.f('ix_target_group_list_id'), 'target_group', ['list_id'])
    table('exporter', sa.Column('dataset_id', BigId, nullable=False), sa.Column('list_id', BigId),
          sa.Column('target_id', BigId), named(), described(), sa.Column('kind', sa.String(length=10), nullable=False),
          sa.Column('standard', sa.Boolean(), nullable=False), sa.Column('columns', sa.JSON(), nullable=False),
          sa.Column('format', sa.String(length=10), nullable=False),
          sa.Column('encoding', sa.String(length=20), nullable=False),
          sa.Column('separator', sa.String(length=1), nullable=False), sa.Column('guard', sa.Boolean(), nullable=False),
          sa.Column('enabled', sa.Boolean(), nullable=False), foreign('exporter', 'dataset_id', 'dataset'),
          foreign('exporter', 'list_id', 'hosted_list'), foreign('exporter', 'target_id', 'target_group'),
          index='dataset_id')


def audience_columns():
    """What is new about things that are there already."""
    add('field', sa.Column('default', sa.Text(), nullable=False, server_default=''))
    add('field', sa.Column('rules', sa.JSON(), nullable=False, server_default='{}'))
    add('field', sa.Column('control', sa.String(length=10), nullable=False, server_default=''))
    add('field', sa.Column('formula', sa.Text(), nullable=False, server_default=''))
    add('field', sa.Column('consent', sa.Boolean(), nullable=False, server_default=sa.false()))
    add('field', sa.Column('subset', sa.String(length=60), nullable=False, server_default=''))
    add('field', sa.Column('parent', sa.String(length=31), nullable=False, server_default=''))
    add('field', sa.Column('parent_column', sa.String(length=60), nullable=False, server_default=''))
    add('field', sa.Column('lookup_id', BigId), 'lookup_table')
    op.create_index(op.f('ix_field_lookup_id'), 'field', ['lookup_id'])
    add('dataset', sa.Column('key_field', sa.String(length=31)))
    add('dataset', sa.Column('name_pattern', sa.String(length=500), nullable=False, server_default=''))
    add('hosted_list', sa.Column('folder_id', BigId), 'list_folder')
    add('hosted_list', sa.Column('protected', sa.Boolean(), nullable=False, server_default=sa.false()))
    add('mail_job', sa.Column('target_id', BigId), 'target_group')
    add('mail_job', sa.Column('target_values', sa.JSON(), nullable=False, server_default='{}'))


def consents():
    """Consent to a whole dataset names no list."""
    with op.batch_alter_table('consent') as batch:
        batch.alter_column('list_id', existing_type=BigId, nullable=True)


def exchange():
    """Where people come from and go to: connections, importers, trigger URLs, write-backs."""
    number, text, moment, word = sa.Integer(), sa.Text(), sa.DateTime(timezone=True), sa.String
    table('action', *columns(group_id=BigId, kind=word(12), subject_id=number, hash=word(64), sealed=text, gap=number,
                             allow=text, post_only=sa.Boolean()),
          *empty(called_at=moment, call_id=BigId, renewed_at=moment), foreign('action', 'group_id', 'user_group'),
          sa.UniqueConstraint('hash', name=op.f('uq_action_hash')),
          sa.UniqueConstraint('kind', 'subject_id', name=op.f('uq_action_kind_subject_id')), index='group_id')
    table('action_call', *columns(action_id=BigId, ip=word(45), method=word(10), key=word(200), status=number,
                                  result=word(20), body=text),
          *empty(run_id=number, rows=number), foreign('action_call', 'action_id', 'action'), index=None)
    op.create_index('ix_action_call_action', 'action_call', ['action_id', 'id'])
    table('connection', *columns(group_id=BigId, name=word(120), kind=word(12), host=word(255), port=number,
                                 database=word(255), username=word(255), password=text, tls=word(10), authority=text,
                                 may_write=sa.Boolean(), accepted=text, test=sa.JSON()),
          *empty(tested_at=moment), foreign('connection', 'group_id', 'user_group'),
          sa.UniqueConstraint('group_id', 'name', name=op.f('uq_connection_group_id_name')), index='group_id')
    table('importer', *columns(dataset_id=BigId, name=word(120), description=text, enabled=sa.Boolean(),
                               source=word(10), query=text, path=word(1000), storage=word(80), file_name=word(255),
                               format=sa.JSON(), mode=word(12), mapping=sa.JSON(), options=sa.JSON(),
                               schedule=sa.JSON(), zone=word(60), again=sa.Boolean(), notify=text),
          *empty(list_id=BigId, user_id=BigId, connection_id=BigId, next_at=moment),
          *goes_to('importer'), foreign('importer', 'connection_id', 'connection'),
          sa.UniqueConstraint('dataset_id', 'name', name=op.f('uq_importer_dataset_id_name')), index='dataset_id')
    op.create_index(op.f('ix_importer_connection_id'), 'importer', ['connection_id'])
    op.create_index(op.f('ix_importer_next_at'), 'importer', ['next_at'])
    table('writeback', *columns(connection_id=BigId, dataset_id=BigId, enabled=sa.Boolean(), statements=sa.JSON(),
                                rule=word(10), cursor=BigId, foreign_cursor=sa.Boolean(), problem=text,
                                counts=sa.JSON()),
          *empty(list_id=BigId, user_id=BigId, stopped_at=moment, ran_at=moment), *goes_to('writeback'),
          foreign('writeback', 'connection_id', 'connection'), sa.UniqueConstraint(
              'connection_id', 'dataset_id', 'list_id', name=op.f('uq_writeback_connection_id_dataset_id_list_id')),
          index='dataset_id')
    op.create_index(op.f('ix_writeback_connection_id'), 'writeback', ['connection_id'])
    table('conflict', *columns(writeback_id=BigId, change_id=BigId, member_id=BigId, address=word(320), field=word(31),
                               winner=word(10)),
          *empty(before=text, ours=text, theirs=text), foreign('conflict', 'writeback_id', 'writeback'),
          index='writeback_id', autoincrement=False)


def exchange_columns():
    add('import_run', sa.Column('importer_id', sa.Integer()))
    op.create_index(op.f('ix_import_run_importer_id'), 'import_run', ['importer_id'])
    add('import_run', sa.Column('source', sa.JSON(), nullable=False, server_default='{}'))
    add('import_run', sa.Column('told', sa.Boolean(), nullable=False, server_default=sa.true()))


def columns(**types):
    return [sa.Column(name, type, nullable=False) for name, type in types.items()]


def empty(**types):
    """Columns that may be empty."""
    return [sa.Column(name, type) for name, type in types.items()]


def goes_to(table):
    return [foreign(table, 'dataset_id', 'dataset'), foreign(table, 'list_id', 'hosted_list'),
            foreign(table, 'user_id', 'user')]


def downloads():
    """Datasets and lists that are there already have their standard exporters, too."""
    columns = ("created_at, dataset_id, list_id, kind, standard, name, description, columns, format, encoding, "
               "separator, guard, enabled")
    rest = "true, '{}', '', '[]', '{}', 'utf-8', ',', false, true"
    for source, name, format in (
            ("id, NULL, 'people', {} FROM dataset", "All members", "csv"),
            ("id, NULL, 'changes', {} FROM dataset", "Change log", "text"),
            ("dataset_id, id, 'people', {} FROM hosted_list", "All subscribers", "csv")):
        values = source.format(rest.format(name, format))
        op.execute(f"INSERT INTO exporter ({columns}) SELECT CURRENT_TIMESTAMP, {values}")


def named():
    return sa.Column('name', sa.String(length=120), nullable=False)


def described():
    return sa.Column('description', sa.Text(), nullable=False)


def foreign(table, column, other):
    return sa.ForeignKeyConstraint([column], [f'{other}.id'], name=op.f(f'fk_{table}_{column}'))


def table(name, *parts, index, autoincrement=True):
    """A table with what every table has, and an index on one column."""
    op.create_table(
        name, *parts, sa.Column('id', BigId, nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{name}')), sqlite_autoincrement=autoincrement)
    if index:
        op.create_index(op.f(f'ix_{name}_{index}'), name, [index])


def add(table, column, other=None):
    """A new column, and what it points at. SQLite takes the reference with the column only, and gives it no name."""
    if other and op.get_bind().dialect.name == 'sqlite':
        kind = column.type.compile(op.get_bind().dialect)
        op.execute(f'ALTER TABLE {table} ADD COLUMN {column.name} {kind} REFERENCES {other} (id)')
        return
    op.add_column(table, column)
    if other:
        op.create_foreign_key(op.f(f'fk_{table}_{column.name}'), table, other, [column.name], ['id'])
