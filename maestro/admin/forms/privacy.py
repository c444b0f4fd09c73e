"""The forms about people's data."""

from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange


def days(label, description=""):
    return IntegerField(label, [InputRequired(), NumberRange(0, 36500)], description=description)


class AddressForm(FlaskForm):
    address = StringField("E-mail address", [InputRequired(), Length(max=320)])


class RetentionForm(FlaskForm):
    """Field names are those of the settings; days, 0 keeps for ever."""

    keep_changes = days("Change log", "Entries in the database. The daily files have a setting of their own.")
    keep_change_ips = days("IP addresses in the change log", "Then only the network stays.")
    keep_consent_ips = days("IP addresses of consents", "Then only the network stays; the consent itself stays.")
    keep_addresses = days("Addresses in ledgers", "Counted from the end of a job. Then hashes and all counts stay.")
    keep_readers = days("Who opened and clicked", "Under personal tracking. Then it is counted without a name.")
    keep_posts = days("Single mails", "Confirmations, links, test deliveries that were sent.")
    keep_forwards = days("Forwarded mails", "That somebody forwarded a mail, by hash. Addresses go after a day.")
    keep_audit = days("Names in the audit log", "Then only what was done stays.")
