"""The forms of mail jobs."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from maestro.lib import clock
from maestro.models import TRACKING

TRACKED = {"none": "Nothing", "blind": "Totals only", "anonymous": "Anonymous",
           "unique": "Each person once, without names", "permission": "By person, with permission",
           "personal": "By person"}
ASKED = {"none": "Links lead straight to where they point, and no picture is counted.",
         "blind": "How often links were clicked and the mail was opened, nothing else.",
         "anonymous": "As totals, and what one reader did is seen together, without saying who.",
         "unique": "How many different people opened and clicked, without saying who.",
         "permission": "Who opened and clicked, for people who agreed to it.",
         "personal": "Who opened and clicked. Tell your subscribers that you do this."}


class Expected:
    """Marks a field that a finished job needs, though a draft may be saved without it."""

    field_flags = {"expected": True}

    def __call__(self, form, field):
        """Nothing is asked of a draft."""


class JobForm(FlaskForm):
    title = StringField("Title", [InputRequired("Give the job a title."), Length(max=200)],
                        description="For you and your colleagues. Subscribers never see it.")


class ContentForm(FlaskForm):
    version = HiddenField()
    subject = StringField("Subject", [Length(max=400), Expected()])
    from_name = StringField("From, name", [Length(max=120)])
    from_address = StringField("From, address", [Length(max=320), Expected()])
    reply_to = StringField("Replies go to", [Length(max=320)], description="Empty: to the address above.")
    html = TextAreaField("HTML", [Expected()])
    text = TextAreaField("Text part", description="For readers without HTML. Empty: it is made from the HTML.")


class AudienceForm(FlaskForm):
    version = HiddenField()
    place = SelectField("Who gets it", [InputRequired("Choose a list or a dataset.")])
    tracking = RadioField("What is tracked", choices={word: f"{TRACKED[word]}: {ASKED[word]}" for word in TRACKING})


class TrialForm(FlaskForm):
    to = TextAreaField("Send the test to", [InputRequired("Give at least one address.")],
                       description="Up to 10 addresses, one a line or with commas between.")
    person = HiddenField()


class DeliveryForm(FlaskForm):
    delivery = RadioField("When does it go out?", choices={
        "now": "At once, when you send it", "at": "At a time", "triggered": "When it is triggered from outside"})
    date = StringField("Date", [Optional(), Expected()])
    time = StringField("Time", [Optional(), Expected()])
    zone = SelectField("Time zone", choices=clock.zones)


class SendForm(FlaskForm):
    version = HiddenField()
    people = HiddenField()
    typed = StringField("To make sure", [Optional(), Expected()])
