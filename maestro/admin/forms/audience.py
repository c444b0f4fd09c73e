"""The forms of datasets, lists and fields."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from maestro.admin.people_words import TRACKING


class DatasetForm(FlaskForm):
    name = StringField("Name", [InputRequired("Give the dataset a name."), Length(max=120)],
                       description="Such as Customers. People in it share the same fields.")
    description = TextAreaField("Description", [Length(max=2000)], description="For you and your colleagues.")


class DatasetSettingsForm(DatasetForm):
    key_field = SelectField("Unique key", description="A field whose value only one person has, such as a customer "
                            "number. Importers can match by it, so that a new address is no new person.")
    name_pattern = StringField("What people are called", [Length(max=500)], description="Fields in two braces, such as "
                               "{{first_name}} {{last_name}}. It stands beside the address in the head of mails.")


class ListForm(FlaskForm):
    name = StringField("Name", [InputRequired("Give the list a name."), Length(max=120)],
                       description="Subscribers see it, for example when they leave.")
    description = TextAreaField("Description", [Length(max=2000)],
                                description="What subscribers get and how often, such as: once a month, what is new.")
    folder = SelectField("Folder", validate_choice=False)
    protected = BooleanField("Protect the list", description="Who left by themselves is put back by hand only after a "
                             "second look. Imports never put anybody back who left.")
    tracking = SelectField("Tracking of new jobs", choices=TRACKING, default="unique",
                           description="How opens and clicks are counted, unless a job says otherwise.")
    rhythm = StringField("How often it comes", [Length(max=120)], default="",
                         description="In words, such as: every first Monday.")
    shown = BooleanField("Offered on the subscriber site", default=True)
    forwards = BooleanField("Readers may forward its mails to friends", default=True,
                            description="By {{*ForwardURL}} in a mail. We send the copies, with limits. In some "
                                        "countries mail that was not asked for is not allowed, even from friends.")
    archive = BooleanField("Public archive", description="Anybody can read those of its delivered jobs that you mark "
                           "as public, without anything personal in them.")
    consent = TextAreaField("What people agree to", [Length(max=5000)], default="",
                            description="Beside the box on the sign-up page. Empty: the words of the site.")
