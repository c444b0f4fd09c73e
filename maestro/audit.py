"""The book of what people did. An entry is written with the deed, in its transaction (`seals.py` keeps it whole)."""

from sqlalchemy import insert

from maestro.extensions import db
from maestro.lib import clock, web
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
    TargetGroup,
    User,
    WriteBack,
)

KINDS = {AuditEntry: "entry", Dataset: "dataset", Field: "field", Group: "group", HostedList: "list",
         ImportRun: "import", MailJob: "job", User: "user", Action: "action", Connection: "connection",
         Exporter: "exporter", ListFolder: "folder", LookupTable: "lookup table", TargetGroup: "target group",
         Importer: "importer", WriteBack: "writeback"}

CATALOGUE = {                                      # action: what it reads like, and the facts that may go with it
    "consent.word": ("changed the wording of a consent", {"name"}),
    "dataset.create": ("created a dataset", {"name"}),
    "dataset.change": ("changed a dataset", {"name"}),
    "dataset.remove": ("deleted a dataset", {"name"}),
    "dataset.look": ("looked at another group's dataset", {"name"}),
    "export.run": ("exported people", {"rows", "format", "list"}),
    "changes.export": ("downloaded the change log", {"rows", "format"}),
    "field.create": ("added a field", {"name", "type"}),
    "field.change": ("changed a field", {"name"}),
    "field.remove": ("deleted a field", {"name"}),
    "group.create": ("created a group", {"name"}),
    "group.change": ("renamed a group", {"name"}),
    "import.create": ("began an import", {"file", "mode"}),
    "import.rules": ("set the rules of an import", {"mode"}),
    "import.start": ("started an import", {"mode", "dry_run", "rows"}),
    "import.apply": ("applied an import", {"mode", "rows"}),
    "import.release": ("released a stopped import", {"mode", "rows"}),
    "action.change": ("changed the rules of a trigger URL", {"gap", "post_only", "networks"}),
    "connection.create": ("made a connection", {"name", "kind"}),
    "connection.change": ("changed a connection", {"name", "kind"}),
    "connection.remove": ("deleted a connection", {"name", "kind"}),
    "connection.test": ("tested a connection", {"name", "worked"}),
    "import.undo": ("undid an import", {"mode", "rows"}),
    "importer.create": ("made an importer", {"name", "source"}),
    "importer.change": ("changed an importer", {"name", "part"}),
    "importer.disable": ("disabled an importer", {"name"}),
    "importer.enable": ("enabled an importer", {"name"}),
    "importer.launch": ("launched an importer", {"run", "dry_run"}),
    "importer.query": ("tried a query on a connection", {"name"}),
    "importer.remove": ("deleted an importer", {"name"}),
    "writeback.change": ("changed a write-back", {"part"}),
    "writeback.create": ("made a write-back", set()),
    "writeback.disable": ("disabled a write-back", set()),
    "writeback.enable": ("enabled a write-back", set()),
    "writeback.remove": ("deleted a write-back", set()),
    "writeback.skip": ("let a write-back pass over a change", {"seq"}),
    "import.cancel": ("cancelled an import", {"mode", "rows"}),
    "job.publish": ("put a job into the public archive", set()),
    "job.unpublish": ("took a job out of the public archive", set()),
    "job.create": ("created a job", {"code"}),
    "job.change": ("changed a job", {"parts"}),
    "job.remove": ("deleted a job", {"code"}),
    "job.test": ("sent a test delivery", {"addresses"}),
    "job.accept_test": ("accepted a test delivery", set()),
    "job.authorise": ("authorised a delivery", {"phase"}),
    "job.revoke": ("revoked an authorisation", {"phase"}),
    "job.launch": ("launched a delivery", {"phase"}),
    "job.begin": ("began to send a job", {"phase"}),
    "job.wait": ("waits for deferred recipients", {"phase"}),
    "job.pause": ("paused a delivery", {"phase"}),
    "job.continue": ("continued a delivery", {"phase"}),
    "job.stop": ("stopped a delivery", {"phase"}),
    "job.stopped": ("ended a stopped delivery", {"phase"}),
    "job.fail": ("marked a delivery as failed", {"phase"}),
    "job.finish": ("finished a delivery", {"phase"}),
    "job.retry": ("tried a delivery again", {"phase"}),
    "job.reopen": ("reopened a job", {"phase"}),
    "job.close": ("closed a failed job", {"phase"}),
    "job.deliver": ("told a delivery to start", {"phase"}),
    "job.resolve": ("settled unconfirmed recipients", {"recipients", "state"}),
    "job.archive": ("archived a job", set()),
    "job.unarchive": ("took a job out of the archive", set()),
    "field.retype": ("changed the type of a field", {"name", "type", "emptied"}),
    "lookup.create": ("created a lookup table", {"name"}),
    "lookup.change": ("changed a lookup table", {"name"}),
    "lookup.remove": ("deleted a lookup table", {"name"}),
    "exporter.create": ("made an exporter", {"name"}),
    "exporter.change": ("changed an exporter", {"name"}),
    "exporter.remove": ("deleted an exporter", {"name"}),
    "folder.create": ("made a folder of lists", {"name"}),
    "folder.change": ("changed a folder of lists", {"name"}),
    "folder.remove": ("deleted a folder of lists", {"name"}),
    "target.create": ("made a target group", {"name"}),
    "target.change": ("changed a target group", {"name"}),
    "target.remove": ("deleted a target group", {"name"}),
    "list.create": ("created a list", {"name"}),
    "list.change": ("changed a list", {"name"}),
    "list.remove": ("deleted a list", {"name"}),
    "outbox.clear": ("cleared the Outbox", {"messages"}),
    "outbox.export": ("exported the Outbox", {"messages"}),
    "person.add": ("added a person", {"member"}),
    "person.change": ("changed a person", {"member", "fields"}),
    "person.rename": ("changed a person's address", {"member"}),
    "person.remove": ("removed a person", {"member"}),
    "person.join": ("put a person on a list", {"member"}),
    "person.leave": ("took a person off a list", {"member"}),
    "person.report": ("made a report on an address", {"form"}),
    "person.erase": ("erased a person", {"member", "cause"}),
    "site.change": ("changed a subscriber site", {"parts"}),
    "settings.change": ("changed a setting", {"name"}),
    "settings.test": ("tested the mail server", {"outcome"}),
    "setup.done": ("set up this installation", {"organisation"}),
    "suppression.add": ("suppressed an address", {"reason"}),
    "suppression.remove": ("lifted a suppression", {"reason"}),
    "token.renew": ("renewed a token", {"kind"}),
    "token.show": ("looked at a token", {"kind"}),
    "user.change": ("changed a user", {"parts"}),
    "user.create": ("created a user", {"role"}),
    "user.disable": ("disabled a user", set()),
    "user.enable": ("enabled a user", set()),
    "user.factor_on": ("turned the second factor on", set()),
    "user.factor_off": ("turned the second factor off", set()),
    "user.factor_failed": ("gave a wrong code", set()),
    "user.invite": ("made a link for a user's password", set()),
    "user.log_in": ("signed in", set()),
    "user.log_in_failed": ("gave a wrong password", set()),
    "user.log_out": ("signed out", set()),
    "user.password": ("set a password", set()),
    "user.recovery": ("used a recovery code", set()),
    "user.recovery_codes": ("made new recovery codes", set()),
    "user.reset_asked": ("asked for a new password", set()),
    "user.role": ("changed a user's role", {"role"}),
    "user.session_end": ("ended a session", set()),
}


def record(action, subject, by, **details):
    """Write that `by` (a user, or the word for a machine) did `action` to `subject` (a row, or None).

    Facts in `details` are numbers, words and lists of words; never secrets, and no addresses of subscribers.
    """
    if unknown := details.keys() - CATALOGUE[action][1]:
        raise ValueError(f"{action} does not tell {', '.join(sorted(unknown))}.")
    db.session.execute(insert(AuditEntry).values(
        created_at=clock.now(), action=action, subject=named(subject), group_id=group_of(subject, by),
        user_id=getattr(by, "id", None), actor=getattr(by, "email", by) or "Maestro", ip=web.client.get(),
        details=details))


def named(subject):
    """A subject in the book: its kind and number."""
    return f"{KINDS[subject.__class__]} {subject.id}" if subject else ""


def group_of(subject, by):
    """The group in whose book it stands: the subject's, else that of who did it."""
    if isinstance(subject, Group):
        return subject.id
    places = (subject, getattr(subject, "dataset", None), by)
    return next((place.group_id for place in places if getattr(place, "group_id", None)), None)
