"""Who may do what: rights as one table, and which rows a user sees. What is not visible does not exist for them."""

from sqlalchemy import false, select, true

from maestro.models import (
    Action,
    AuditEntry,
    Connection,
    Dataset,
    Exporter,
    Field,
    Group,
    HostedList,
    Importer,
    ImportRun,
    ListFolder,
    LookupTable,
    MailJob,
    OutboxMessage,
    Subscription,
    TargetGroup,
    User,
    UserSession,
    WriteBack,
)

ALL = ("site", "manager", "author", "viewer")
WRITERS = ("site", "manager", "author")
LEADERS = ("site", "manager")
SITE = ("site",)

RIGHTS = {
    "home.see": ALL,
    "account.edit": ALL,                            # one's own
    "job.see": ALL,                                 # states and counts
    "job.edit": WRITERS,
    "job.audience": WRITERS,                        # choose who gets it
    "job.test": WRITERS,
    "job.send": LEADERS,                            # authorise, and every move afterwards
    "job.recipients": WRITERS,                      # the ledger, by address
    "dataset.see": ALL,                             # lists, fields and counts, no addresses
    "dataset.edit": LEADERS,
    "privacy.edit": LEADERS,                        # reports on addresses, erasure, restriction
    "site.edit": LEADERS,                           # the subscriber site: its state, look and words
    "target.edit": WRITERS,                         # target groups and segments
    "person.see": WRITERS,
    "person.edit": LEADERS,
    "person.export": LEADERS,
    "import.see": LEADERS,
    "import.run": LEADERS,
    "connection.see": LEADERS,                      # choose one, and ask it
    "connection.edit": SITE,
    "writeback.edit": LEADERS,
    "changes.see": LEADERS,
    "outbox.see": WRITERS,
    "outbox.clear": LEADERS,
    "token.show": LEADERS,
    "user.manage": LEADERS,
    "audit.see": LEADERS,
    "group.manage": SITE,
    "settings.edit": SITE,
    "status.see": SITE,
}

SCOPES = {                                          # model: the rows of a user's own group
    Action: lambda user: Action.group_id == user.group_id,
    AuditEntry: lambda user: AuditEntry.group_id == user.group_id,
    Connection: lambda user: Connection.group_id == user.group_id,
    Dataset: lambda user: Dataset.group_id == user.group_id,
    Exporter: lambda user: Exporter.dataset_id.in_(mine(Dataset, user)),
    Field: lambda user: Field.dataset_id.in_(mine(Dataset, user)),
    Group: lambda user: Group.id == user.group_id,
    HostedList: lambda user: HostedList.dataset_id.in_(mine(Dataset, user)),
    Importer: lambda user: Importer.dataset_id.in_(mine(Dataset, user)),
    ImportRun: lambda user: ImportRun.dataset_id.in_(mine(Dataset, user)),
    ListFolder: lambda user: ListFolder.dataset_id.in_(mine(Dataset, user)),
    LookupTable: lambda user: LookupTable.group_id == user.group_id,
    MailJob: lambda user: MailJob.group_id == user.group_id,
    OutboxMessage: lambda user: OutboxMessage.group_id == user.group_id,
    Subscription: lambda user: Subscription.list_id.in_(mine(HostedList, user)),
    TargetGroup: lambda user: TargetGroup.dataset_id.in_(mine(Dataset, user)),
    User: lambda user: User.group_id == user.group_id,
    UserSession: lambda user: UserSession.user_id == user.id,
    WriteBack: lambda user: WriteBack.dataset_id.in_(mine(Dataset, user)),
}
OF_SITE = (AuditEntry, Connection, Group, User)                 # site administrators see these of every group
ELSEWHERE = (Dataset, Field, HostedList)            # and may look these up in other groups, read only, to find ids


def may(user, right):
    """Whether `user` holds a right. A right that is not in the table is a bug and raises KeyError."""
    roles = RIGHTS[right]
    return bool(getattr(user, "is_active", False)) and getattr(user, "role", None) in roles


def visible(model, user, elsewhere=False):
    """A select of the rows of `model` that `user` may see. `elsewhere`: other groups' too, for a site administrator."""
    return select(model).where(scope(model, user, elsewhere))


def scope(model, user, elsewhere=False):
    own = SCOPES[model](user) if getattr(user, "role", None) in ALL else false()
    if getattr(user, "role", None) == "site" and (model in OF_SITE or elsewhere and model in ELSEWHERE):
        return true()
    return own


def mine(model, user):
    """The ids of the rows of `model` in a user's group, as a subselect."""
    return select(model.id).where(SCOPES[model](user))


def may_manage(by, user):
    """Whether `by` may change the account of `user`: site administrators are changed by their like only."""
    return may(by, "user.manage") and (by.role == "site" or (user.group_id == by.group_id and user.role != "site"))
