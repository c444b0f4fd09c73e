"""The forms of datasets, lists and fields."""

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from maestro.admin.people_words import TRACKING


class DatasetForm(FlaskForm):
    name = StringField("Name", [InputRequired("Give the dataset a name."), Length(max=120)],
                       description="Such as Customers. People in it share the same fields.")
    description = TextAreaField("Description", [Length(max=2000)], description="For you and your colleagues.")


class ListForm(FlaskForm):
    name = StringField("Name", [InputRequired("Give the list a name."), Length(max=120)],
                       description="Subscribers see it, for example when they leave.")
    description = TextAreaField("Description", [Length(max=2000)],
                                description="What subscribers get and how often, such as: once a month, what is new.")
    tracking = SelectField("Tracking of new jobs", choices=list(TRACKING.items()), default="unique",
                           description="How opens and clicks are counted, unless a job says otherwise.")
