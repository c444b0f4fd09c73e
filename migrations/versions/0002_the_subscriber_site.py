"""The subscriber site"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = depends_on = None

LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)


def upgrade():
    site_core()
    site_look()


def site_core():
    tables()
    columns()
    keys()


def table(name, *columns):
    op.create_table(
        name, *columns, sa.Column('id', ID, nullable=False), sa.Column('created_at', MOMENT, nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{name}')))


def of_dataset(name):
    return sa.Column('dataset_id', ID, sa.ForeignKey('dataset.id', name=op.f(f'fk_{name}_dataset_id')), nullable=False)


def tables():
    table('consent_text', of_dataset('consent_text'),
          sa.Column('field_id', ID, nullable=False), sa.Column('version', sa.Integer(), nullable=False),
          sa.Column('language', sa.String(10), nullable=False), sa.Column('text', sa.Text(), nullable=False),
          sa.UniqueConstraint('dataset_id', 'version', name=op.f('uq_consent_text_dataset_id_version')))
    op.create_index('ix_consent_text_field_id', 'consent_text', ['field_id'])
    table('erasure', of_dataset('erasure'), sa.Column('address_hash', sa.String(64), nullable=False),
          sa.Column('sealed', sa.Text()),
          sa.UniqueConstraint('dataset_id', 'address_hash', name=op.f('uq_erasure_dataset_id_address_hash')))
    table('account', of_dataset('account'), sa.Column('member_id', ID, nullable=False),
          sa.Column('password_hash', sa.String(200)), sa.Column('language', sa.String(10), nullable=False),
          sa.Column('paused_until', MOMENT),
          sa.UniqueConstraint('dataset_id', 'member_id', name=op.f('uq_account_dataset_id_member_id')))
    table('knock', sa.Column('key', sa.String(80), nullable=False), sa.Column('at', MOMENT, nullable=False))
    op.create_index('ix_knock_key_at', 'knock', ['key', 'at'])
    op.create_index('ix_knock_at', 'knock', ['at'])
    table('mailed_link', of_dataset('mailed_link'), sa.Column('purpose', sa.String(10), nullable=False),
          sa.Column('hash', sa.String(64), nullable=False), sa.Column('member_id', ID),
          sa.Column('address', sa.String(320), nullable=False),
          sa.Column('address_key', sa.String(320), nullable=False),
          sa.Column('data', sa.JSON(), nullable=False), sa.Column('ip', sa.String(45)),
          sa.Column('due_at', MOMENT, nullable=False), sa.Column('mailed_at', MOMENT),
          sa.Column('expires_at', MOMENT, nullable=False), sa.Column('used_at', MOMENT),
          sa.Column('reminded_at', MOMENT),
          sa.UniqueConstraint('hash', name=op.f('uq_mailed_link_hash')))
    op.create_index('ix_mailed_link_address_key', 'mailed_link', ['address_key'])
    op.create_index('ix_mailed_link_mailed_at', 'mailed_link', ['mailed_at'])
    op.create_index('ix_mailed_link_expires_at', 'mailed_link', ['expires_at'])
    table('member_session', of_dataset('member_session'), sa.Column('member_id', ID, nullable=False),
          sa.Column('hash', sa.String(64), nullable=False), sa.Column('epoch', sa.Integer(), nullable=False),
          sa.Column('ends_at', MOMENT, nullable=False),
          sa.UniqueConstraint('hash', name=op.f('uq_member_session_hash')))
    table('site', of_dataset('site'), sa.Column('key', sa.String(16), nullable=False),
          sa.Column('state', sa.String(12), nullable=False), sa.Column('is_closed', sa.Boolean(), nullable=False),
          sa.Column('title', sa.String(120), nullable=False), sa.Column('sender', sa.String(320), nullable=False),
          sa.Column('languages', sa.JSON(), nullable=False), sa.Column('consent', sa.Text(), nullable=False),
          sa.Column('confirm_days', sa.Integer(), nullable=False),
          sa.Column('passwords', sa.Boolean(), nullable=False),
          sa.Column('confirmed_opt_in', sa.Boolean(), nullable=False),
          sa.Column('greets', sa.Boolean(), nullable=False),
          sa.UniqueConstraint('dataset_id', name=op.f('uq_site_dataset_id')),
          sa.UniqueConstraint('key', name=op.f('uq_site_key')))


def columns():
    """Only what both databases add without writing the table anew: a new table would count its ids from the start."""
    op.add_column('consent', sa.Column('text_id', ID))
    op.add_column('consent', sa.Column('form', sa.String(80), nullable=False, server_default=''))
    op.add_column('consent', sa.Column('asked_at', MOMENT))
    op.add_column('hosted_list', sa.Column('key', sa.String(16), nullable=False, server_default=''))
    op.add_column('hosted_list', sa.Column('shown', sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column('hosted_list', sa.Column('rhythm', sa.String(120), nullable=False, server_default=''))
    op.add_column('hosted_list', sa.Column('consent', sa.Text(), nullable=False, server_default=''))
    op.add_column('subscription', sa.Column('frequency', sa.SmallInteger(), nullable=False, server_default='0'))
    op.add_column('subscription', sa.Column('paused_until', MOMENT))
    op.add_column('subscription', sa.Column('reason', sa.String(20)))


def keys():
    """Public names for the lists that are there, and a site for every dataset."""
    connection = op.get_bind()
    lists = sa.table('hosted_list', sa.column('id'), sa.column('key'))
    for id in connection.scalars(sa.select(lists.c.id)).all():
        connection.execute(sa.update(lists).where(lists.c.id == id).values(key=key()))
    op.create_index(op.f('ix_hosted_list_key'), 'hosted_list', ['key'], unique=True)
    datasets = sa.table('dataset', sa.column('id'), sa.column('created_at', MOMENT))
    sites = sa.table('site', *(sa.column(name) for name in (
        'dataset_id', 'key', 'state', 'title', 'sender', 'consent', 'confirm_days')), sa.column('created_at', MOMENT),
        sa.column('languages', sa.JSON()),
        *(sa.column(name, sa.Boolean()) for name in ('is_closed', 'passwords', 'confirmed_opt_in', 'greets')))
    for id, made in connection.execute(sa.select(datasets.c.id, datasets.c.created_at)).all():
        connection.execute(sa.insert(sites).values(
            dataset_id=id, created_at=made, key=key(), state='subscribers', is_closed=False, title='', sender='',
            languages=[], consent='', confirm_days=7, passwords=False, confirmed_opt_in=True, greets=True))


def key():
    return ''.join(secrets.choice(LETTERS) for _ in range(12))


def site_look():
    """Forwarding, the archive, how pages look, a host of one's own."""
    op.add_column('hosted_list', sa.Column('forwards', sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column('hosted_list', sa.Column('archive', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('mail_job', sa.Column('public', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('site') as batch:
        batch.add_column(sa.Column('domain', sa.String(253)))
        batch.create_unique_constraint(op.f('uq_site_domain'), ['domain'])
    table('forward', of('mail_job', 'job_id', 'forward'), sa.Column('number', sa.Integer(), nullable=False),
          sa.Column('friend', sa.String(64), nullable=False), of('post', 'post_id', 'forward', nullable=True))
    op.create_index('ix_forward_job_id', 'forward', ['job_id'])
    op.create_index('ix_forward_friend', 'forward', ['friend'])
    table('forward_refusal', sa.Column('friend', sa.String(64), nullable=False),
          sa.UniqueConstraint('friend', name=op.f('uq_forward_refusal_friend')))
    table('look', of_dataset('look'), of('hosted_list', 'list_id', 'look', nullable=True),
          sa.Column('draft', sa.JSON(), nullable=False), sa.Column('live', sa.JSON(), nullable=False),
          sa.Column('version', sa.Integer(), nullable=False),
          sa.UniqueConstraint('dataset_id', 'list_id', name=op.f('uq_look_dataset_id_list_id')))
    table('picture', of_dataset('picture'), sa.Column('key', sa.String(16), nullable=False),
          sa.Column('kind', sa.String(20), nullable=False), sa.Column('data', sa.LargeBinary(), nullable=False),
          sa.UniqueConstraint('key', name=op.f('uq_picture_key')))


def of(other, column, name, nullable=False):
    key = sa.ForeignKey(f'{other}.id', name=op.f(f'fk_{name}_{column}'))
    return sa.Column(column, ID, key, nullable=nullable)
