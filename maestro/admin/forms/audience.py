"""The forms of datasets, lists and fields."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from maestro.admin.forms.jobs import Expected
from maestro.admin.people_words import SHOWN, TRACKING, TYPES

LINES = 20_000                                     # characters of all choices together


class DatasetForm(FlaskForm):
    name = StringField("Name", [InputRequired("Give the dataset a name."), Length(max=120)],
                       description="Such as Customers. People in it share the same fields.")
    description = TextAreaField("Description", [Length(max=2000)], description="For you and your colleagues.")


class ListForm(FlaskForm):
    name = StringField("Name", [InputRequired("Give the list a name."), Length(max=120)],
                       description="Subscribers see it, for example when they leave.")
    description = TextAreaField("Description", [Length(max=2000)],
                                description="What subscribers get and how often, such as: once a month, what is new.")
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


class FieldForm(FlaskForm):
    label = StringField("Label", [InputRequired("Give the field a label."), Length(max=120)],
                        description="What people read beside the field, such as First name.")
    name = StringField("Database name", [Length(max=31)], description="Used in mails as {{first_name}}, in imports and "
                       "exports. Small letters, digits and _. It never changes. Empty: made from the label.")
    type = SelectField("Type", choices=TYPES, description="It never changes.")
    choices = TextAreaField("Choices", [Expected(), Length(max=LINES)],
                            description="One in each line, in the order in which they are shown.")
    required = BooleanField("Must be filled in")
    shown = SelectField("On the subscribers' pages", choices=SHOWN, default="edit")
    help = StringField("Help for subscribers", [Length(max=500)], description="One sentence below the field.")


class FieldChangeForm(FlaskForm):
    label = StringField("Label", FieldForm.label.args[1], description=FieldForm.label.kwargs["description"])
    choices = TextAreaField("Choices", [Expected(), Length(max=LINES)],
                            description="One in each line. A choice that somebody has taken has to stay.")
    required = BooleanField("Must be filled in")
    shown = SelectField("On the subscribers' pages", choices=SHOWN)
    help = StringField("Help for subscribers", [Length(max=500)], description="One sentence below the field.")
