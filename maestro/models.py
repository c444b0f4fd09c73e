"""What there is: every table of the installation, and nothing that it does.

The people of a dataset live in a table of their own (`warehouse/tables.py`), because their columns are the
marketer's choice. Everything else is here, floor by floor, in alphabetical order on each floor.
"""

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from maestro.extensions import Base
from maestro.lib.columns import BigId, Moment, Word, rows
from maestro.lib.secrets import public_key

ROLES = ("site", "manager", "author", "viewer")
FIELD_TYPES = ("text", "number", "date", "yesno", "choice", "choices")
CODES = ("ADD", "DEL", "CHG", "UPD", "CON")
CAUSES = ("self", "user", "importer", "bounce", "complaint", "api", "erasure")
MEMBERSHIPS = ("unconfirmed", "confirmed", "left", "suppressed")
IMPORT_MODES = ("add", "add-update", "update", "remove", "synchronise")
IMPORT_STATES = ("draft", "queued", "fetching", "checking", "staged", "needs_review", "applying", "done", "failed",
                 "cancelled", "undoing", "undone")
CONNECTION_KINDS = ("postgresql", "mysql", "sqlite", "mssql", "oracle", "ldap")
SOURCES = ("database", "ldap", "upload", "server", "post")
ACTIONS = ("import", "export", "deliver")
CONFLICT_RULES = ("source", "maestro", "newest")
PHASES = ("open", "authorised", "launching", "sending", "paused", "stopping", "finishing", "failed",
          "done", "closed_failed")
JOB_STATES = {"open": "open", "done": "completed", "closed_failed": "completed"}        # every other phase: ongoing
TRACKING = ("none", "blind", "anonymous", "unique", "permission", "personal")
RECIPIENT_STATES = ("queued", "claimed", "handed", "accepted", "rejected", "unknown", "suppressed", "cancelled",
                    "expired", "render_error", "held")
POST_STATES = ("queued", "handed", "sent", "failed", "doubtful")       # doubtful: handed over, and no answer came
HITS = ("open", "click", "forward")
SITE_STATES = ("open", "subscribers", "unsubscribes")
FREQUENCIES = ("all", "weekly", "monthly")                             # weekly: at most one mail in seven days
LINK_PURPOSES = ("join", "log_in", "address", "password")


def column(*args, **options):
    return mapped_column(*args, **options)


# --- accounts ---------------------------------------------------------------------------------------------------


class AuditEntry(Base):
    """Somebody did something. Written in the transaction that did it; sealed into a hash chain afterwards."""

    __tablename__ = "audit_entry"

    action: Mapped[str] = column(String(60), index=True)
    subject: Mapped[str] = column(String(60), default="")              # "job 12": kind and number
    group_id: Mapped[int | None] = column(ForeignKey("user_group.id"), index=True)
    user_id: Mapped[int | None] = column(index=True)
    actor: Mapped[str] = column(String(320), default="")
    ip: Mapped[str] = column(String(45), default="")
    details: Mapped[dict] = column(JSON, default=dict)
    place: Mapped[int | None] = column(BigId, unique=True)             # in the chain of sealed rows, from 1
    personal: Mapped[str | None] = column(String(64))                  # keyed hash of actor, ip and details (erasable)
    seal: Mapped[str | None] = column(String(64))                      # SHA-256 over this row and the seal before


class Group(Base):
    """A group of users: owns a warehouse, jobs and content that no other group sees."""

    __tablename__ = "user_group"

    name: Mapped[str] = column(String(120), unique=True)


class LoginAttempt(Base):
    """One wrong password or code, counted against guessing."""

    __tablename__ = "login_attempt"

    key: Mapped[str] = column(String(80), index=True)                  # "user:HMAC" or "ip:HMAC"
    at: Mapped[object] = column(Moment, index=True)


class RecoveryCode(Base):
    """A code that replaces the second factor once."""

    __tablename__ = "recovery_code"

    user_id: Mapped[int] = column(ForeignKey("user.id"), index=True)
    hash: Mapped[str] = column(String(64), unique=True)
    used_at: Mapped[object | None] = column(Moment)


class ResetToken(Base):
    """A link by which a user sets a new password; single use."""

    __tablename__ = "reset_token"

    user_id: Mapped[int] = column(ForeignKey("user.id"), index=True)
    hash: Mapped[str] = column(String(64), unique=True)
    expires_at: Mapped[object] = column(Moment)
    used_at: Mapped[object | None] = column(Moment)


class Setting(Base):
    """A setting of the installation that administrators change in the product."""

    __tablename__ = "setting"

    name: Mapped[str] = column(String(60), unique=True)
    value: Mapped[object] = column(JSON)


class User(Base):
    """Somebody who logs in to work."""

    __tablename__ = "user"

    email: Mapped[str] = column(String(320))
    email_key: Mapped[str] = column(String(320), unique=True)
    name: Mapped[str] = column(String(120), default="")
    group_id: Mapped[int] = column(ForeignKey("user_group.id"), index=True)
    role: Mapped[str] = column(String(20))
    password_hash: Mapped[str] = column(String(200))
    password_at: Mapped[object] = column(Moment)
    totp_sealed: Mapped[str | None] = column(Text)                     # the seed, sealed; set before it is confirmed
    totp_on: Mapped[bool] = column(default=False)
    totp_step: Mapped[int] = column(default=0)                         # the last time step used: a code works once
    disabled_at: Mapped[object | None] = column(Moment)
    theme: Mapped[str] = column(String(10), default="system")
    shortcuts: Mapped[bool] = column(default=True)                     # single-key shortcuts, WCAG 2.1.4

    group: Mapped[Group] = relationship(lazy="joined")

    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self):
        return self.disabled_at is None

    def get_id(self):
        return str(self.id)


class UserSession(Base):
    """A log-in that is open in some browser."""

    __tablename__ = "user_session"

    user_id: Mapped[int] = column(ForeignKey("user.id"), index=True)
    hash: Mapped[str] = column(String(64), unique=True)
    seen_at: Mapped[object] = column(Moment)
    fresh_at: Mapped[object] = column(Moment)                          # when the password was last given
    ends_at: Mapped[object] = column(Moment)
    factor_due: Mapped[bool] = column(default=False)                   # the password was right, the code is awaited
    ip: Mapped[str] = column(String(45), default="")
    agent: Mapped[str] = column(String(200), default="")

    user: Mapped[User] = relationship(lazy="joined")


# --- warehouse --------------------------------------------------------------------------------------------------


class Change(Base):
    """A line of the subscriber activity change log. `seq` is given by the publisher, after the commit, in order."""

    __tablename__ = "change"
    __table_args__ = (
        Index("ix_change_member", "dataset_id", "member_id", "id"),
        Index("ix_change_unnumbered", "id", **rows("seq IS NULL")),
        Index("ix_change_numbered", "dataset_id", "seq", **rows("seq IS NOT NULL")),
        Index("uq_change_seq", "seq", unique=True, **rows("seq IS NOT NULL")))

    id: Mapped[int] = column(BigId, primary_key=True)
    created_at: Mapped[object] = column(Moment)
    seq: Mapped[int | None] = column(BigId)
    code: Mapped[str] = column(String(3))
    level: Mapped[str] = column(String(1))                             # D: of the dataset, L: of a list
    dataset_id: Mapped[int] = column()
    list_id: Mapped[int | None] = column()
    member_id: Mapped[int] = column(BigId)
    address: Mapped[str] = column(String(320))
    old_address: Mapped[str | None] = column(String(320))
    changes: Mapped[str | None] = column(Text)                         # JSON {field: [old, new]}
    cause: Mapped[str] = column(String(10))
    actor: Mapped[str | None] = column(String(320))
    run_id: Mapped[int | None] = column()
    ip: Mapped[str | None] = column(String(45))


class ChangeFile(Base):
    """How far a day's change-log file is known to be whole: after a crash it is cut back to `size` and continued."""

    __tablename__ = "change_file"

    name: Mapped[str] = column(String(20), unique=True)
    size: Mapped[int] = column(BigId)


class Consent(Base):
    """Proof of one consent given or withdrawn, for a list or (without one) for a whole dataset."""

    __tablename__ = "consent"

    dataset_id: Mapped[int] = column(ForeignKey("dataset.id"))
    list_id: Mapped[int | None] = column(ForeignKey("hosted_list.id"), index=True)
    member_id: Mapped[int] = column(BigId)
    given: Mapped[bool] = column()
    how: Mapped[str] = column(String(40))                              # one-click, unsubscribe page, undo, import, form
    ip: Mapped[str | None] = column(String(45))                        # in full for 90 days, then its network only
    text_id: Mapped[int | None] = column(BigId)                        # the ConsentText that was shown
    form: Mapped[str] = column(String(80), default="")                 # path of the page on which it was given
    asked_at: Mapped[object | None] = column(Moment)                   # when it was sent; created_at: when confirmed


class ConsentText(Base):
    """A wording that people agreed to, kept word by word as it was shown. A new wording is a new row."""

    __tablename__ = "consent_text"
    __table_args__ = (UniqueConstraint("dataset_id", "version"),)

    dataset_id: Mapped[int] = column(ForeignKey("dataset.id"))
    field_id: Mapped[int] = column(BigId, default=0, index=True)       # the consent field, even after it; 0: the site's
    version: Mapped[int] = column()                                    # counts the dataset's wordings from 1
    language: Mapped[str] = column(String(10), default="")
    text: Mapped[str] = column(Text)


class Dataset(Base):
    """People with shared profile fields, and the hosted lists in which they take part."""

    __tablename__ = "dataset"
    __table_args__ = (UniqueConstraint("group_id", "name"), {"sqlite_autoincrement": True})

    group_id: Mapped[int] = column(ForeignKey("user_group.id"), index=True)
    name: Mapped[str] = column(String(120))
    description: Mapped[str] = column(Text, default="")
    busy_run_id: Mapped[int | None] = column()                         # the import that is applying: readers wait
    key_field: Mapped[str | None] = column(String(31))                 # the field whose values tell people apart
    name_pattern: Mapped[str] = column(String(500), default="")        # a person's name: "{{first_name}} {{last_name}}"
    work: Mapped[dict] = column(JSON, default=dict)                    # the change of a field that a worker makes
    work_at: Mapped[object | None] = column(Moment, index=True)        # when one looks at it; none: nothing to do

    group: Mapped[Group] = relationship(lazy="joined")
    fields: Mapped[list["Field"]] = relationship(order_by="Field.position, Field.id", lazy="immediate", viewonly=True)
    lists: Mapped[list["HostedList"]] = relationship(order_by="HostedList.name", lazy="immediate", viewonly=True)


class Erasure(Base):
    """Somebody was erased: a keyed hash by which no import brings the address back, and what has yet to be blanked."""

    __tablename__ = "erasure"
    __table_args__ = (UniqueConstraint("dataset_id", "address_hash"),)

    dataset_id: Mapped[int] = column(ForeignKey("dataset.id"))
    address_hash: Mapped[str] = column(String(64))                     # HMAC-SHA256 under a key for this only
    sealed: Mapped[str | None] = column(Text)                          # who it was, until logs and files are blanked


class Exporter(Base):
    """A saved export of a dataset or a list: which people, which columns, in which form."""

    __tablename__ = "exporter"
    __table_args__ = ({"sqlite_autoincrement": True},)

    dataset_id: Mapped[int] = column(ForeignKey("dataset.id"), index=True)
    list_id: Mapped[int | None] = column(ForeignKey("hosted_list.id"))
    target_id: Mapped[int | None] = column(ForeignKey("target_group.id"))
    name: Mapped[str] = column(String(120))
    description: Mapped[str] = column(Text, default="")
    kind: Mapped[str] = column(String(10), default="people")           # or changes: of the change log
    standard: Mapped[bool] = column(default=False)                     # the one that every dataset and list has
    columns: Mapped[list] = column(JSON, default=list)                 # names; none: the address and every field
    format: Mapped[str] = column(String(10), default="csv")
    encoding: Mapped[str] = column(String(20), default="utf-8")
    separator: Mapped[str] = column(String(1), default=",")
    guard: Mapped[bool] = column(default=False)                        # disarms what a spreadsheet takes for a formula
    enabled: Mapped[bool] = column(default=True)

    dataset: Mapped[Dataset] = relationship(lazy="joined")
    list: Mapped["HostedList | None"] = relationship(lazy="joined")
    target: Mapped["TargetGroup | None"] = relationship(lazy="joined")


class Field(Base):
    """A profile field: a real column of its dataset's table. With a list it belongs to that list alone."""

    __tablename__ = "field"
    __table_args__ = (UniqueConstraint("dataset_id", "name"), {"sqlite_autoincrement": True})

    dataset_id: Mapped[int] = column(ForeignKey("dataset.id"), index=True)
    list_id: Mapped[int | None] = column(ForeignKey("hosted_list.id"))
    name: Mapped[str] = column(String(31))                             # the database name, [a-z][a-z0-9_]{0,30}
    label: Mapped[str] = column(String(120))
    type: Mapped[str] = column(String(10))
    choices: Mapped[list] = column(JSON, default=list)
    required: Mapped[bool] = column(default=False)
    shown: Mapped[str] = column(String(10), default="edit")            # to subscribers: no, view, edit
    help: Mapped[str] = column(Text, default="")
    position: Mapped[int] = column(default=0)
    default: Mapped[str] = column(Text, default="")                    # as text: what new people get who give nothing
    rules: Mapped[dict] = column(JSON, default=dict)              # shortest longest pattern hint lowest highest allowed
    control: Mapped[str] = column(String(10), default="")              # how it is asked for; "": as usual for its type
    formula: Mapped[str] = column(Text, default="")                    # derived: the database keeps the column
    consent: Mapped[bool] = column(default=False)                      # a yes or no that only yes gets past
    lookup_id: Mapped[int | None] = column(ForeignKey("lookup_table.id"), index=True)      # where its choices come from
    subset: Mapped[str] = column(String(60), default="")               # and which part of them
    parent: Mapped[str] = column(String(31), default="")               # dependent menu: the field that is chosen before
    parent_column: Mapped[str] = column(String(60), default="")        # and the column of the table that must equal it


class HostedList(Base):
    """A hosted recipient list inside one dataset."""

    __tablename__ = "hosted_list"
    __table_args__ = (UniqueConstraint("dataset_id", "name"), {"sqlite_autoincrement": True})

    dataset_id: Mapped[int] = column(ForeignKey("dataset.id"), index=True)
    name: Mapped[str] = column(String(120))
    description: Mapped[str] = column(Text, default="")
    slug: Mapped[str] = column(String(80))                             # for List-Id: constant for the list's life
    tracking: Mapped[str] = column(String(12), default="unique")
    key: Mapped[str] = column(String(16), index=True, unique=True, default=public_key)    # names it in public addresses
    shown: Mapped[bool] = column(default=True)                         # offered on the subscriber site
    rhythm: Mapped[str] = column(String(120), default="")              # how often it comes, in words
    consent: Mapped[str] = column(Text, default="")                    # its own wording; empty: the site's
    forwards: Mapped[bool] = column(default=True)                      # its mails may be sent on to friends by us
    archive: Mapped[bool] = column(default=False)                      # anybody may read and search its public issues
    folder_id: Mapped[int | None] = column(ForeignKey("list_folder.id"))
    protected: Mapped[bool] = column(default=False)                    # who left comes back by a person's word only

    dataset: Mapped[Dataset] = relationship(lazy="joined")


class ListFolder(Base):
    """A folder of a dataset's lists. Its name is public, its description is not."""

    __tablename__ = "list_folder"

    dataset_id: Mapped[int] = column(ForeignKey("dataset.id"), index=True)
    parent_id: Mapped[int | None] = column(ForeignKey("list_folder.id"))
    name: Mapped[str] = column(String(120))
    description: Mapped[str] = column(Text, default="")


class LookupTable(Base):
    """The values that menus offer, of use to many fields: rows of a value and secondary columns."""

    __tablename__ = "lookup_table"
    __table_args__ = (UniqueConstraint("group_id", "name"), {"sqlite_autoincrement": True})

    group_id: Mapped[int] = column(ForeignKey("user_group.id"), index=True)
    name: Mapped[str] = column(String(120))
    description: Mapped[str] = column(Text, default="")
    columns: Mapped[list] = column(JSON, default=list)                 # names of the secondary columns
    rows: Mapped[list] = column(JSON, default=list)                    # [[value, text, ...]], in the order of the menus
    subsets: Mapped[dict] = column(JSON, default=dict)                 # {name: [values]}


class Subscription(Base):
    """A person's place on a list. The row stays when the person leaves: it keeps imports from putting them back."""

    __tablename__ = "subscription"
    __table_args__ = (UniqueConstraint("list_id", "member_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = column(BigId, primary_key=True)
    list_id: Mapped[int] = column(ForeignKey("hosted_list.id"))
    member_id: Mapped[int] = column(BigId)
    state: Mapped[str] = column(Word(*MEMBERSHIPS))
    how: Mapped[str] = column(String(20), default="user")              # user, importer, form, api
    joined_at: Mapped[object] = column(Moment)
    left_at: Mapped[object | None] = column(Moment)
    left_by: Mapped[str | None] = column(String(10))                   # the cause; "objection": off already
    run_id: Mapped[int | None] = column()                              # the import that saw this row last
    frequency: Mapped[str] = column(Word(*FREQUENCIES), default="all")
    paused_until: Mapped[object | None] = column(Moment)
    reason: Mapped[str | None] = column(String(20))                    # why the person left, if he said so


class Suppression(Base):
    """An address that gets nothing more from a group (0: from anybody here), whatever lists it is on."""

    __tablename__ = "suppression"
    __table_args__ = (UniqueConstraint("address_key", "group_id"),)

    address_key: Mapped[str] = column(String(320))
    group_id: Mapped[int] = column(default=0)
    reason: Mapped[str] = column(String(40))
    by: Mapped[str] = column(String(320), default="")


class TargetGroup(Base):
    """Whom to mail, as a condition on fields: a target group, or (`segment`) a saved part of one list."""

    __tablename__ = "target_group"
    __table_args__ = ({"sqlite_autoincrement": True},)

    dataset_id: Mapped[int] = column(ForeignKey("dataset.id"), index=True)
    list_id: Mapped[int | None] = column(ForeignKey("hosted_list.id"), index=True)
    segment: Mapped[bool] = column(default=False)
    name: Mapped[str] = column(String(120))
    description: Mapped[str] = column(Text, default="")
    category: Mapped[str] = column(String(120), default="")
    enabled: Mapped[bool] = column(default=True)
    condition: Mapped[dict] = column(JSON, default=dict)               # the tree; {}: everybody

    dataset: Mapped[Dataset] = relationship(lazy="joined")
    list: Mapped[HostedList | None] = relationship(lazy="joined")


# --- exchange ---------------------------------------------------------------------------------------------------


class Action(Base):
    """What a trigger URL starts, and on which conditions. The token is found by its keyed hash."""

    __tablename__ = "action"
    __table_args__ = (UniqueConstraint("kind", "subject_id"), {"sqlite_autoincrement": True})

    group_id: Mapped[int] = column(ForeignKey("user_group.id"), index=True)
    kind: Mapped[str] = column(String(12))                             # import, export, deliver
    subject_id: Mapped[int] = column()                                 # the importer, the exporter, the job
    hash: Mapped[str] = column(String(64), unique=True)
    sealed: Mapped[str] = column(Text)                                 # the token itself, to be shown again
    gap: Mapped[int] = column(default=10)                              # seconds in which a call counts as a repetition
    allow: Mapped[str] = column(Text, default="")                      # networks that may call, one a line; empty: all
    post_only: Mapped[bool] = column(default=False)
    called_at: Mapped[object | None] = column(Moment)                  # the last call that came in, also a repeated one
    call_id: Mapped[int | None] = column(BigId)                        # the last call that started something
    renewed_at: Mapped[object | None] = column(Moment)


class ActionCall(Base):
    """One call of a trigger URL with a token that is known, and how it was answered."""

    __tablename__ = "action_call"
    __table_args__ = (Index("ix_action_call_action", "action_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = column(BigId, primary_key=True)
    action_id: Mapped[int] = column(ForeignKey("action.id"))
    ip: Mapped[str] = column(String(45), default="")
    method: Mapped[str] = column(String(10), default="GET")
    key: Mapped[str] = column(String(200), default="")                 # Idempotency-Key of the caller
    digest: Mapped[str] = column(String(64), default="")               # SHA-256 of the body that it brought
    status: Mapped[int] = column(default=0)                            # 0 while it is not answered
    result: Mapped[str] = column(String(20), default="")               # done, started, queued, repeated, refused ...
    body: Mapped[str] = column(Text, default="")                       # the line of text that was answered
    run_id: Mapped[int | None] = column()
    rows: Mapped[int | None] = column()


class Conflict(Base):
    """A field that both sides changed since they last agreed, and whose value was taken."""

    __tablename__ = "conflict"

    id: Mapped[int] = column(BigId, primary_key=True)
    writeback_id: Mapped[int] = column(ForeignKey("writeback.id"), index=True)
    change_id: Mapped[int] = column(BigId)                             # our change, in the change log
    member_id: Mapped[int] = column(BigId)
    address: Mapped[str] = column(String(320))
    field: Mapped[str] = column(String(31))
    before: Mapped[str | None] = column(Text)                          # the value on which both agreed
    ours: Mapped[str | None] = column(Text)
    theirs: Mapped[str | None] = column(Text)
    winner: Mapped[str] = column(String(10))                           # source, maestro


class Connection(Base):
    """A database or directory of somebody else, in separate fields: never a line of options."""

    __tablename__ = "connection"
    __table_args__ = (UniqueConstraint("group_id", "name"), {"sqlite_autoincrement": True})

    group_id: Mapped[int] = column(ForeignKey("user_group.id"), index=True)
    name: Mapped[str] = column(String(120))
    kind: Mapped[str] = column(String(12))
    host: Mapped[str] = column(String(255), default="")
    port: Mapped[int] = column(default=0)
    database: Mapped[str] = column(String(255), default="")            # name, service, file, or base of the search
    username: Mapped[str] = column(String(255), default="")
    password: Mapped[str] = column(Text, default="")                   # sealed
    tls: Mapped[str] = column(String(10), default="verify")            # none, require, verify
    authority: Mapped[str] = column(Text, default="")                  # trusted certificates, PEM; empty: the system's
    may_write: Mapped[bool] = column(default=False)
    accepted: Mapped[str] = column(Text, default="")                   # why dangerous rights are accepted all the same
    test: Mapped[dict] = column(JSON, default=dict)                    # what the last test found
    tested_at: Mapped[object | None] = column(Moment)

    group: Mapped[Group] = relationship(lazy="joined")


class Importer(Base):
    """An import that is kept: from where, into what, by which rules, and when."""

    __tablename__ = "importer"
    __table_args__ = (UniqueConstraint("dataset_id", "name"), {"sqlite_autoincrement": True})

    dataset_id: Mapped[int] = column(ForeignKey("dataset.id"), index=True)
    list_id: Mapped[int | None] = column(ForeignKey("hosted_list.id"))
    user_id: Mapped[int | None] = column(ForeignKey("user.id"))
    name: Mapped[str] = column(String(120))
    description: Mapped[str] = column(Text, default="")
    enabled: Mapped[bool] = column(default=False)
    source: Mapped[str] = column(String(10), default="database")
    connection_id: Mapped[int | None] = column(ForeignKey("connection.id"), index=True)
    query: Mapped[str] = column(Text, default="")                      # SELECT, or the filter of a directory
    path: Mapped[str] = column(String(1000), default="")               # file of the server, below MAESTRO_IMPORT_DIR
    storage: Mapped[str] = column(String(80), default="")              # random key of the uploaded file
    file_name: Mapped[str] = column(String(255), default="")
    format: Mapped[dict] = column(JSON, default=dict)                  # as of a run; of a database: what columns it had
    mode: Mapped[str] = column(String(12), default="add-update")
    mapping: Mapped[dict] = column(JSON, default=dict)
    options: Mapped[dict] = column(JSON, default=dict)
    schedule: Mapped[dict] = column(JSON, default=dict)                # {"every": minutes|daily|weekly|cron, ...} or {}
    zone: Mapped[str] = column(String(60), default="UTC")
    next_at: Mapped[object | None] = column(Moment, index=True)
    again: Mapped[bool] = column(default=False)                        # called while it ran: one more run follows
    notify: Mapped[str] = column(Text, default="")                     # addresses of users who hear of failures

    dataset: Mapped[Dataset] = relationship(lazy="joined")
    list: Mapped[HostedList | None] = relationship(lazy="joined")
    connection: Mapped[Connection | None] = relationship(lazy="joined")


class ImportRun(Base):
    """One import: its source, what is mapped to what, and how far it has come."""

    __tablename__ = "import_run"
    __table_args__ = ({"sqlite_autoincrement": True},)

    dataset_id: Mapped[int] = column(ForeignKey("dataset.id"), index=True)
    list_id: Mapped[int | None] = column(ForeignKey("hosted_list.id"))
    user_id: Mapped[int | None] = column(ForeignKey("user.id"))
    # draft, queued, fetching, checking, staged, needs_review, applying; then done, failed or cancelled
    state: Mapped[str] = column(String(14), default="draft", index=True)
    mode: Mapped[str] = column(String(12), default="add-update")
    file_name: Mapped[str] = column(String(255), default="")           # as the user called it; never a path
    storage: Mapped[str] = column(String(80), default="")              # random key of the stored file
    format: Mapped[dict] = column(JSON, default=dict)                  # separator, quote, encoding, header, sheet
    mapping: Mapped[dict] = column(JSON, default=dict)                 # {field: column}; "address" is one of them
    options: Mapped[dict] = column(JSON, default=dict)                 # empty values, true words, dates, apply at once
    total: Mapped[int] = column(default=0)                             # rows of the source, as far as known
    done: Mapped[int] = column(default=0)                              # rows dealt with in this state
    counts: Mapped[dict] = column(JSON, default=dict)                  # {"added": 0, ...}: what became of the rows
    cursor: Mapped[int] = column(BigId, default=0)                     # apply: the last staged row that is in
    problem: Mapped[str] = column(Text, default="")
    started_at: Mapped[object | None] = column(Moment)
    ended_at: Mapped[object | None] = column(Moment)
    owner: Mapped[str] = column(String(80), default="")
    fence: Mapped[int] = column(default=0)
    lease_until: Mapped[object | None] = column(Moment)
    importer_id: Mapped[int | None] = column(index=True)
    source: Mapped[dict] = column(JSON, default=dict)                  # without a file: {"kind", "connection", "query"}
    told: Mapped[bool] = column(default=False)                         # who waits for this run has been told of its end

    dataset: Mapped[Dataset] = relationship(lazy="joined")
    list: Mapped[HostedList | None] = relationship(lazy="joined")


class WriteBack(Base):
    """Statements that bring the changes of a list or dataset into the database from which its people came."""

    __tablename__ = "writeback"
    __table_args__ = (UniqueConstraint("connection_id", "dataset_id", "list_id"), {"sqlite_autoincrement": True})

    connection_id: Mapped[int] = column(ForeignKey("connection.id"), index=True)
    dataset_id: Mapped[int] = column(ForeignKey("dataset.id"), index=True)
    list_id: Mapped[int | None] = column(ForeignKey("hosted_list.id"))
    user_id: Mapped[int | None] = column(ForeignKey("user.id"))
    enabled: Mapped[bool] = column(default=False)
    statements: Mapped[dict] = column(JSON, default=dict)              # {"look", "join", "leave", "address", "profile"}
    rule: Mapped[str] = column(String(10), default="source")           # who wins: source, maestro, newest
    cursor: Mapped[int] = column(BigId, default=0)                     # the last change log entry that is over there
    foreign_cursor: Mapped[bool] = column(default=True)                # kept in a table there, in the same transaction
    problem: Mapped[str] = column(Text, default="")                    # why it stands still, if it does
    stopped_at: Mapped[object | None] = column(Moment)
    ran_at: Mapped[object | None] = column(Moment)
    counts: Mapped[dict] = column(JSON, default=dict)                  # written, skipped, conflicts since the beginning

    connection: Mapped[Connection] = relationship(lazy="joined")
    dataset: Mapped[Dataset] = relationship(lazy="joined")
    list: Mapped[HostedList | None] = relationship(lazy="joined")


# --- delivery ---------------------------------------------------------------------------------------------------


class Chunk(Base):
    """Up to 500 neighbouring recipients of a job, claimed together by one sender under a lease."""

    __tablename__ = "chunk"
    __table_args__ = (UniqueConstraint("job_id", "number"),)

    id: Mapped[int] = column(BigId, primary_key=True)
    created_at = None
    job_id: Mapped[int] = column(ForeignKey("mail_job.id"))
    number: Mapped[int] = column()
    low: Mapped[int] = column()                                        # first and last recipient's number
    high: Mapped[int] = column()
    state: Mapped[str] = column(Word("open", "claimed", "closed"), default="open")
    fence: Mapped[int] = column(default=0)
    owner: Mapped[str] = column(String(80), default="")
    lease_until: Mapped[float] = column(default=0)                     # seconds since 1970 by the database's clock
    next_at: Mapped[float] = column(default=0)                         # no recipient in it is due before
    tally: Mapped[str | None] = column(String(200))                    # JSON {state: rows}; none while they change


Index("ix_chunk_open", Chunk.job_id, Chunk.number, **rows("state = 0"))


class Lease(Base):
    """Who holds a part that only one process plays at a time."""

    __tablename__ = "lease"

    name: Mapped[str] = column(String(60), unique=True)
    owner: Mapped[str] = column(String(80), default="")
    fence: Mapped[int] = column(default=0)
    until: Mapped[float] = column(default=0)                           # seconds since 1970 by the database's clock


class OutboxMessage(Base):
    """A finished message kept on this machine instead of being sent; its bytes lie in an append file."""

    __tablename__ = "outbox_message"

    group_id: Mapped[int] = column(ForeignKey("user_group.id"), index=True)
    job_id: Mapped[int | None] = column(ForeignKey("mail_job.id"))
    recipient: Mapped[int | None] = column()                           # number in the job's ledger
    address: Mapped[str] = column(String(320))
    subject: Mapped[str] = column(String(250))
    file: Mapped[str] = column(String(40))
    offset: Mapped[int] = column(BigId)
    length: Mapped[int] = column()                                     # bytes in the file, compressed


Index("ix_outbox_message_job", OutboxMessage.job_id, OutboxMessage.recipient)


class Post(Base):
    """A single finished message that is no part of a job: a test delivery, a password reset, a notice."""

    __tablename__ = "post"

    group_id: Mapped[int] = column(ForeignKey("user_group.id"))
    kind: Mapped[str] = column(String(20))
    address: Mapped[str] = column(String(320))
    sender: Mapped[str] = column(String(320))
    raw: Mapped[bytes] = column(LargeBinary)
    state: Mapped[str] = column(String(10), default="queued", index=True)       # queued, sent, failed
    attempts: Mapped[int] = column(default=0)
    next_at: Mapped[object] = column(Moment)
    reply: Mapped[str] = column(String(200), default="")
    sent_at: Mapped[object | None] = column(Moment)


class Recipient(Base):
    """A line of the ledger: this person, this job, at most once.

    `number` runs from 1 in each job. No index names state, lease or time, so that every transition is an
    update in place; work is found by chunk.
    """

    __tablename__ = "recipient"
    __table_args__ = (UniqueConstraint("job_id", "address_key", "occasion"),
                      {"postgresql_partition_by": "RANGE (job_id)", "sqlite_with_rowid": False})

    id = None  # type: ignore[assignment]          # neither of the two that other tables have
    created_at = None
    job_id: Mapped[int] = column(ForeignKey("mail_job.id"), primary_key=True)
    number: Mapped[int] = column(primary_key=True, autoincrement=False)
    member_id: Mapped[int] = column(BigId)
    subscription_id: Mapped[int | None] = column(BigId)
    address: Mapped[str] = column(String(320))
    address_key: Mapped[str] = column(String(320))
    occasion: Mapped[str] = column(String(40), default="")
    state: Mapped[str] = column(Word(*RECIPIENT_STATES), default="queued")
    attempt: Mapped[int] = column(default=0)
    fence: Mapped[int] = column(BigId, default=0)
    next_at: Mapped[float] = column(default=0)                         # seconds since 1970
    handed_at: Mapped[float | None] = column()
    done_at: Mapped[float | None] = column()
    code: Mapped[int | None] = column()
    reply: Mapped[str | None] = column(String(200))                    # the server's words


# --- mailing ----------------------------------------------------------------------------------------------------


class MailJob(Base):
    """A mailing: to whom, what, when, and how far it has come."""

    __tablename__ = "mail_job"
    __table_args__ = ({"sqlite_autoincrement": True},)

    code: Mapped[str] = column(String(20), unique=True)                # the Job ID, 261122A
    group_id: Mapped[int] = column(ForeignKey("user_group.id"), index=True)
    user_id: Mapped[int | None] = column(ForeignKey("user.id"))
    title: Mapped[str] = column(String(200))
    dataset_id: Mapped[int | None] = column(ForeignKey("dataset.id"))
    list_id: Mapped[int | None] = column(ForeignKey("hosted_list.id"))
    target_id: Mapped[int | None] = column(ForeignKey("target_group.id"))
    target_values: Mapped[dict] = column(JSON, default=dict)           # what was given for the target's parameters
    importer_id: Mapped[int | None] = column()                         # whose last run says to whom, even after it
    subject: Mapped[str] = column(String(400), default="")
    html: Mapped[str] = column(Text, default="")
    text: Mapped[str] = column(Text, default="")
    from_address: Mapped[str] = column(String(320), default="")
    from_name: Mapped[str] = column(String(120), default="")
    reply_to: Mapped[str] = column(String(320), default="")
    tracking: Mapped[str] = column(String(12), default="unique")
    public: Mapped[bool] = column(default=False)                       # may stand in the public archive of its list
    version: Mapped[int] = column(default=1)                           # one more with every change of what is sent
    tested_version: Mapped[int] = column(default=0)                    # the version that went out as a test
    accepted_version: Mapped[int] = column(default=0)                  # the version whose test a person accepted
    phase: Mapped[str] = column(String(14), default="open", index=True)
    delivery: Mapped[str] = column(String(10), default="now")          # now, at, triggered
    due_at: Mapped[object | None] = column(Moment)                     # authorised: when it starts
    zone: Mapped[str] = column(String(60), default="UTC")
    grace: Mapped[int] = column(default=0)                             # seconds in which the start can be undone
    authorised_by: Mapped[int | None] = column(ForeignKey("user.id"))
    started_at: Mapped[object | None] = column(Moment)
    ended_at: Mapped[object | None] = column(Moment)
    archived_at: Mapped[object | None] = column(Moment)
    audience: Mapped[int] = column(default=0)                          # recipients in the ledger, fixed when launched
    launched_to: Mapped[int] = column(BigId, default=0)                # launching: the last member taken over
    problem: Mapped[str] = column(Text, default="")

    dataset: Mapped[Dataset | None] = relationship(lazy="selectin")
    list: Mapped[HostedList | None] = relationship(lazy="selectin")
    target: Mapped[TargetGroup | None] = relationship(lazy="selectin")
    user: Mapped[User | None] = relationship(lazy="selectin", foreign_keys=[user_id])

    @property
    def state(self):
        return "archived" if self.archived_at else JOB_STATES.get(self.phase, "ongoing")


class StateChange(Base):
    """A step in a job's life."""

    __tablename__ = "state_change"

    job_id: Mapped[int] = column(ForeignKey("mail_job.id"), index=True)
    verb: Mapped[str] = column(String(20))
    phase: Mapped[str] = column(String(14))
    actor: Mapped[str] = column(String(320), default="")


# --- tracking ---------------------------------------------------------------------------------------------------


class Hit(Base):
    """An open or a click as it came in. `reader` leads to a recipient only where tracking is personal."""

    __tablename__ = "hit"
    __table_args__ = (Index("ix_hit_job", "job_id", "kind"),)

    id: Mapped[int] = column(BigId, primary_key=True)
    job_id: Mapped[int] = column(ForeignKey("mail_job.id"))
    kind: Mapped[str] = column(Word(*HITS))
    reader: Mapped[int] = column(BigId, default=0)
    link: Mapped[int | None] = column()
    machine: Mapped[bool] = column(default=False)                      # a scanner or a prefetching proxy
    agent: Mapped[str] = column(String(40), default="")                # the family of the client, no more


class Link(Base):
    """A tracked link of a job: where its number leads."""

    __tablename__ = "link"
    __table_args__ = (UniqueConstraint("job_id", "number"),)

    job_id: Mapped[int] = column(ForeignKey("mail_job.id"))
    number: Mapped[int] = column()
    url: Mapped[str] = column(Text)


# --- subscriber site --------------------------------------------------------------------------------------------


class Account(Base):
    """What a member of a dataset has on its site besides profile and lists."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("dataset_id", "member_id"),)

    dataset_id: Mapped[int] = column(ForeignKey("dataset.id"))
    member_id: Mapped[int] = column(BigId)
    password_hash: Mapped[str | None] = column(String(200))
    language: Mapped[str] = column(String(10), default="")             # empty: the site's
    paused_until: Mapped[object | None] = column(Moment)               # no mail to the whole dataset before


class Forward(Base):
    """A mail of ours that its reader sent on to a friend, whose address is not kept."""

    __tablename__ = "forward"

    job_id: Mapped[int] = column(ForeignKey("mail_job.id"), index=True)
    number: Mapped[int] = column()                                     # of the reader in the job's ledger
    friend: Mapped[str] = column(String(64), index=True)               # keyed hash of the friend's address
    post_id: Mapped[int | None] = column(ForeignKey("post.id"))        # none once the address is forgotten


class ForwardRefusal(Base):
    """Somebody never wants a mail that friends send on: a keyed hash of the address."""

    __tablename__ = "forward_refusal"

    friend: Mapped[str] = column(String(64), unique=True)


class Knock(Base):
    """Somebody asked for something at a public form; counted against abuse, under keyed hashes."""

    __tablename__ = "knock"
    __table_args__ = (Index("ix_knock_key_at", "key", "at"),)

    key: Mapped[str] = column(String(80))                              # "to:HMAC", "ip:HMAC", "list:7", "no:HMAC"
    at: Mapped[object] = column(Moment, index=True)


class Look(Base):
    """How a site, or one list on it, looks and what its own words are: as people see it, and as it is being made."""

    __tablename__ = "look"
    __table_args__ = (UniqueConstraint("dataset_id", "list_id"),)

    dataset_id: Mapped[int] = column(ForeignKey("dataset.id"))
    list_id: Mapped[int | None] = column(ForeignKey("hosted_list.id"))     # none: of the whole site
    draft: Mapped[dict] = column(JSON, default=dict)                   # theme, page, sheet, mail, texts, order
    live: Mapped[dict] = column(JSON, default=dict)
    version: Mapped[int] = column(default=0)                           # raised by releases: sheets are fetched anew


class MailedLink(Base):
    """A link in a mail by which the reader of an address does something once. Only its hash is here."""

    __tablename__ = "mailed_link"

    dataset_id: Mapped[int] = column(ForeignKey("dataset.id"))
    purpose: Mapped[str] = column(String(10))
    hash: Mapped[str] = column(String(64), unique=True)
    member_id: Mapped[int | None] = column(BigId)                      # none: nobody is stored under the address yet
    address: Mapped[str] = column(String(320))                         # to which it was mailed
    address_key: Mapped[str] = column(String(320), index=True)
    data: Mapped[dict] = column(JSON, default=dict)                    # join: lists, values, texts, form…; address: to
    ip: Mapped[str | None] = column(String(45))                        # who asked for it
    due_at: Mapped[object] = column(Moment)                            # when the mail is to be written
    mailed_at: Mapped[object | None] = column(Moment, index=True)
    expires_at: Mapped[object] = column(Moment, index=True)
    used_at: Mapped[object | None] = column(Moment)
    reminded_at: Mapped[object | None] = column(Moment)


class MemberSession(Base):
    """A member who is logged in on a site, in some browser."""

    __tablename__ = "member_session"

    dataset_id: Mapped[int] = column(ForeignKey("dataset.id"))
    member_id: Mapped[int] = column(BigId)
    hash: Mapped[str] = column(String(64), unique=True)
    epoch: Mapped[int] = column(default=0)                             # the member's, when it began
    ends_at: Mapped[object] = column(Moment)


class Picture(Base):
    """A logo that a site shows."""

    __tablename__ = "picture"

    dataset_id: Mapped[int] = column(ForeignKey("dataset.id"))
    key: Mapped[str] = column(String(16), unique=True, default=public_key)
    kind: Mapped[str] = column(String(20))                             # image/png and the like, told by its content
    data: Mapped[bytes] = column(LargeBinary)


class Site(Base):
    """The public pages of a dataset: in which state they are, and what they offer."""

    __tablename__ = "site"

    dataset_id: Mapped[int] = column(ForeignKey("dataset.id"), unique=True)
    key: Mapped[str] = column(String(16), unique=True, default=public_key)         # names it in public addresses
    state: Mapped[str] = column(String(12), default="subscribers")
    is_closed: Mapped[bool] = column(default=False)                    # for maintenance; the state stays what it is
    title: Mapped[str] = column(String(120), default="")               # empty: the organisation's name
    sender: Mapped[str] = column(String(320), default="")              # of its mails; empty: that of notices
    languages: Mapped[list] = column(JSON, default=list)               # the first is for who asks for none of them
    consent: Mapped[str] = column(Text, default="")                    # the wording to agree to; empty: an ordinary one
    confirm_days: Mapped[int] = column(default=7)                      # how long a confirmation link works
    passwords: Mapped[bool] = column(default=False)                    # members may have one to log in
    confirmed_opt_in: Mapped[bool] = column(default=True)              # off only with a site administrator's consent
    greets: Mapped[bool] = column(default=True)                        # mails a welcome, and a goodbye
    domain: Mapped[str | None] = column(String(253), unique=True)      # a host name of its own

    dataset: Mapped[Dataset] = relationship(lazy="joined")
