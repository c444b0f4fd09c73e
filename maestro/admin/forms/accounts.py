"""Forms about users and their log-in."""

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import EqualTo, InputRequired, Length, NumberRange, Optional

from maestro.lib import clock
from maestro.lib.tongues import LANGUAGES

LONG = "At least 12 characters. A few unrelated words are easy to keep and hard to guess."
ROLES = {"viewer": "Viewer: sees jobs and counts", "author": "Author: writes jobs, tests them, sees people",
         "manager": "Group administrator: sends, imports, exports, manages users"}
SITE_ROLE = {"site": "Site administrator: everything, and the settings"}


def zones():
    return {zone: zone.replace("_", " ") for zone in clock.zones()}


class SignInForm(FlaskForm):
    email = EmailField("E-mail address", [InputRequired(), Length(max=320)])
    password = PasswordField("Password", [InputRequired(), Length(max=256)])


class CodeForm(FlaskForm):
    code = StringField("Code", [InputRequired(), Length(max=40)],
                       description="The six digits that your authenticator shows, or one of your recovery codes.")


class FirstCodeForm(FlaskForm):
    code = StringField("Code", [InputRequired(), Length(max=40)], description="The six digits that it shows then.")


class ConfirmForm(FlaskForm):
    password = PasswordField("Password", [InputRequired(), Length(max=256)])


class ForgotForm(FlaskForm):
    email = EmailField("E-mail address", [InputRequired(), Length(max=320)])


class ResetForm(FlaskForm):
    password = PasswordField("New password", [InputRequired(), Length(max=256)], description=LONG)


class PasswordForm(FlaskForm):
    current = PasswordField("Current password", [InputRequired(), Length(max=256)])
    password = PasswordField("New password", [InputRequired(), Length(max=256)], description=LONG)
    again = PasswordField("New password once more", [InputRequired(), EqualTo("password", "The two are not the same.")])


class ProfileForm(FlaskForm):
    name = StringField("Name", [Length(max=120)])
    theme = RadioField("Light or dark", choices={"system": "As the system", "light": "Light", "dark": "Dark"})
    shortcuts = BooleanField("Single-key shortcuts",
                             description="Keys such as j, k and n, without Ctrl. Ctrl K always works.")


class SetupForm(FlaskForm):
    email = EmailField("Your e-mail address", [InputRequired(), Length(max=320)])
    name = StringField("Your name", [Length(max=120)])
    password = PasswordField("Password", [InputRequired(), Length(max=256)], description=LONG)
    organisation = StringField("Organisation", [InputRequired(), Length(max=120)])
    address = TextAreaField("Postal address", [InputRequired(), Length(max=1000)],
                            description="Stands in every mailing.")
    zone = SelectField("Time zone", choices=zones, default="Europe/London")
    language = SelectField("Language", choices=LANGUAGES, default="en")
    sample = RadioField("How to start", choices={
        "yes": "With sample data: 200 invented people on two lists, and a draft", "no": "Empty"}, default="yes")


class UserForm(FlaskForm):
    email = EmailField("E-mail address", [InputRequired(), Length(max=320)])
    name = StringField("Name", [Length(max=120)])
    group = SelectField("Group", coerce=int)
    role = SelectField("Role", choices=ROLES)


class RoleForm(FlaskForm):
    role = SelectField("Role", choices=ROLES)


class GroupForm(FlaskForm):
    name = StringField("Name", [InputRequired(), Length(max=120)])


class InstallationForm(FlaskForm):
    """Field names are those of the settings."""

    organisation = StringField("Organisation", [InputRequired(), Length(max=120)])
    address = TextAreaField("Postal address", [InputRequired(), Length(max=1000)],
                            description="Stands in every mailing.")
    zone = SelectField("Time zone", choices=zones, description="Of the change log, and of the times on these pages.")
    language = SelectField("Language", choices=LANGUAGES)
    grace = IntegerField("Seconds to undo a delivery", [InputRequired(), NumberRange(0, 600)])
    test_required = SelectField("Test delivery before a job is authorised", choices={
        "required": "Required", "warn": "Only a warning", "off": "Not asked for"})
    changelog_days = IntegerField("Days to keep the daily change-log files", [InputRequired(), NumberRange(0, 36500)],
                                  description="0 keeps them for ever.")
    csv_guard = BooleanField("Disarm formulas in exports for spreadsheets",
                             description="Cells that begin with =, +, - or @ get a leading apostrophe.")


class SendingForm(FlaskForm):
    host = StringField("Server", [Length(max=253)],
                       description="Empty: safe mode. Mail goes to the Outbox, not to people.")
    port = IntegerField("Port", [InputRequired(), NumberRange(1, 65535)])
    tls = SelectField("Encryption", choices={
        "starttls": "STARTTLS, usual on port 587", "tls": "TLS from the start, usual on port 465", "none": "None"})
    user = StringField("User name", [Length(max=320)])
    password = PasswordField("Password", [Optional(), Length(max=1000)],
                             description="Leave it empty to keep the stored one.")
    connections = IntegerField("Connections at once", [InputRequired(), NumberRange(1, 100)])
    notices_from = EmailField("Sender of mails to users", [Length(max=320)],
                              description="For password links and notices. Empty: maestro@ and the public host name.")
