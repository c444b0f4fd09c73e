"""The forms of connections and importers."""

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from maestro.exchange.connections import KINDS
from maestro.lib import clock
from maestro.lib.repeats import DAYS, EVERY

TLS = {"verify": "Encrypted, and the server proves who it is", "require": "Encrypted, any server is believed",
       "none": "Not encrypted"}
SOURCES = {"database": "A database: people come by a SELECT", "ldap": "An LDAP directory",
           "upload": "A file that you upload here", "server": "A file on the server",
           "post": "The body of a call from outside (POST, CSV or JSON)"}


class ConnectionForm(FlaskForm):
    group = SelectField("For the group", coerce=int)
    name = StringField("Name", [InputRequired("Give it a name."), Length(max=120)])
    kind = SelectField("Kind", choices=KINDS)
    host = StringField("Host", [Length(max=255)], description="Name or address. Not for a SQLite file.")
    port = IntegerField("Port", [Optional(), NumberRange(1, 65535)], description="Empty: the usual one.")
    database = StringField("Database", [InputRequired("Say which database."), Length(max=255)], description=(
        "Its name; of Oracle the service; of SQLite a file below MAESTRO_IMPORT_DIR; of LDAP the base of the search."))
    username = StringField("User", [Length(max=255)],
                           description="Use an account that may only SELECT, best on a view.")
    password = PasswordField("Password", [Length(max=500)], description=(
        "Stored sealed and never shown. Empty: unchanged; a change of host, port or user forgets it."))
    tls = SelectField("TLS", choices=TLS)
    authority = TextAreaField("Certificates that are trusted (PEM)", [Length(max=100_000)],
                              description="Empty: those of the system.")
    may_write = BooleanField("Maestro may write changes back",
                             description="Off: everything runs in transactions that only read.")
    accepted = TextAreaField("Why an account with dangerous rights is used", [Length(max=1000)], description=(
        "Empty: superusers and accounts that reach files are refused. What you write stays with the connection."))


class ImporterForm(FlaskForm):
    name = StringField("Name", [InputRequired("Give it a name."), Length(max=120)])
    description = StringField("Description", [Length(max=500)])
    target = SelectField("Into")
    source = RadioField("Where the people come from", choices=SOURCES, default="database")


class QueryForm(FlaskForm):
    connection = SelectField("Connection", coerce=int)
    query = TextAreaField("Query", [InputRequired("Write a query."), Length(max=20_000)])
    attributes = StringField("Attributes of a directory", [Length(max=1000)],
                             description="Only for LDAP: which ones are read, such as mail, givenName, l.")


    def is_going_on(self):
        """Whether the query shall be used; else it is only tried."""
        return "next" in request.form


class FileForm(FlaskForm):
    file = FileField("File", [FileRequired("Choose a file.")])


class PathForm(FlaskForm):
    path = StringField("File on the server", [InputRequired("Name the file."), Length(max=1000)], description=(
        "Its path below a folder that MAESTRO_IMPORT_DIR names. It is read anew by each run."))


class OneTimeQueryForm(QueryForm):
    target = SelectField("Into")


class SettingsForm(FlaskForm):
    name = StringField("Name", [InputRequired("Give it a name."), Length(max=120)])
    description = StringField("Description", [Length(max=500)])
    every = RadioField("It is launched", choices=EVERY)
    minutes = IntegerField("Minutes between two runs", [Optional(), NumberRange(1, 1440)])
    at = StringField("Time of day", [Length(max=5)], description="Such as 02:00.")
    days = SelectMultipleField("Days", choices={str(n): day for n, day in enumerate(DAYS)},
                               option_widget=CheckboxInput(), widget=ListWidget())
    cron = StringField("Cron expression", [Length(max=100)],
                       description="Minute, hour, day, month, day of the week, such as 0 2 * * 1-5.")
    zone = SelectField("Time zone", choices=clock.zones)
    notify = StringField("Who hears when a run fails", [Length(max=1000)],
                         description="Addresses of users of this group, separated by commas. "
                         "Nobody named: all administrators of the group.")
