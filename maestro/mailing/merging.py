"""What a sender needs for each recipient of a running job, made once and cheap for every message."""

import secrets

from maestro.content.message import Delivery
from maestro.mailing import compose
from maestro.warehouse import naming


class Merging:
    """Turns rows that join the ledger with the people's table into merge values and a delivery."""

    def __init__(self, job, needed):
        columns = needed | {*naming.names(job.dataset.name_pattern)}
        columns -= {"address"}
        self.name = naming.ready(job.dataset)
        self.fields = {name: type for name, type in compose.types(job).items() if name in columns}
        self.sender = job.from_address
        self.job, self.date = job, compose.moment(job)
        self.personal = job.tracking == "personal"

    def merge(self, row):
        """The values and the delivery of one row. Without personal tracking the reader is a random number."""
        values = {"address": row["address"], **{name: row[name] for name in self.fields}}
        reader = row["number"] if self.personal else secrets.randbits(32)
        place = compose.unsubscribing(self.job, row["member_id"], row["subscription_id"])
        return values, Delivery(
            address=row["address"], name=self.name(row), number=row["number"], date=self.date, job=self.job.id,
            reader=reader, unsubscribe=(place, row["epoch"]),
            profile=(compose.profile(self.job, row["member_id"]), row["epoch"]))

    def envelope(self, row):
        """The sender of the envelope, to whom bounces go."""
        return self.sender


def of(job, message):
    """The merging of a job whose message is compiled."""
    return Merging(job, message.fields)
