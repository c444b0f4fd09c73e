"""Everything that is stored about one member, for the member to take along."""

from sqlalchemy import select

from maestro.delivery import received
from maestro.extensions import db
from maestro.models import Consent, ConsentText
from maestro.site import visiting
from maestro.warehouse import changes, fields, subscriptions


def of(site, row):
    """The profile, lists, consents, mails and change-log lines of a member, as JSON has them."""
    dataset, history = site.dataset, changes.history(site.dataset_id, row["id"], 10_000)
    account = visiting.account(site, row)
    return {
        "address": row["address"], "state": row["state"], "joined": row["joined_at"], "how": row["how"],
        "language": account.language, "paused_until": account.paused_until, "has_password": bool(account.password_hash),
        "profile": {field.label: fields.show(field, row[field.name])
                    for field in dataset.fields if field.shown != "no"},
        "lists": [{"list": list.name, "state": place.state, "joined": place.joined_at, "left": place.left_at,
                   "frequency": place.frequency} for place, list in subscriptions.of(dataset, row["id"])],
        "consents": [consent(given, text) for given, text in consents(site, row)],
        "mails": [{"subject": job.subject, "state": state, "time": at}
                  for job, state, at in received.of(dataset, row, history)],
        "changes": [changes.fields(entry) for entry in history]}


def consents(site, row):
    found = select(Consent, ConsentText).outerjoin(ConsentText, ConsentText.id == Consent.text_id).where(
        Consent.dataset_id == site.dataset_id, Consent.member_id == row["id"])
    return db.session.execute(found.order_by(Consent.id)).all()


def consent(given, text):
    return {"list_id": given.list_id, "given": given.given, "how": given.how, "asked": given.asked_at,
            "confirmed": given.created_at, "ip": given.ip, "wording": text and text.text}
