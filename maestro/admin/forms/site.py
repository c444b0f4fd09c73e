"""The forms of a dataset's subscriber site."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, IntegerField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from maestro.lib.tongues import LANGUAGES
from maestro.models import SITE_STATES

STATES = dict(zip(SITE_STATES, (
    "Open to everyone: anybody may sign up",
    "Subscribers only: members log in, nobody signs up",
    "Unsubscribing only: there are no other pages"), strict=True))


class CheckboxField(SelectMultipleField):
    """Several choices as check boxes."""

    widget, option_widget = ListWidget(prefix_label=False), CheckboxInput()


class SiteForm(FlaskForm):
    state = RadioField("Who may come in", choices=STATES)
    is_closed = BooleanField("Closed for maintenance", description="Every page asks to come back later. Leaving works.")
    title = StringField("Title", [Length(max=120)],
                        description="Stands on every page and names the sender of its mails. "
                                    "Empty: your organisation.")
    sender = StringField("Sender of its mails", [Length(max=320)], description="Empty: the sender of our notices.")
    domain = StringField("A host name of its own", [Length(max=253)],
                        description="Such as news.example.org. Let it point "
                                    "to this server, and let your web server pass its pages on. Mails link as before.")
    languages = CheckboxField("Languages", choices=LANGUAGES)
    first = SelectField("Language for everybody else", choices=LANGUAGES,
                        description="Spoken to who asks for none of those.")
    confirm_days = IntegerField("Days to confirm", [InputRequired(), NumberRange(1, 30)],
                                description="How long the link in a confirmation mail works. After 30 days who never "
                                            "confirmed is forgotten.")
    confirmed_opt_in = BooleanField("Ask for confirmation by mail",
                        description="Without it anybody can sign up anybody. "
                                    "Only a site administrator can switch it off, and that is written down.")
    passwords = BooleanField("Members may log in with a password", description="A link by mail always works.")
    greets = BooleanField("Write a welcome and a goodbye")
    consent = TextAreaField("What people agree to", [Length(max=5000)],
                        description="Beside the box on the sign-up page. "
                                    "Each wording that anybody agreed to is kept word by word. Empty: an ordinary one.")


class ThemeForm(FlaskForm):
    brand = StringField("Colour of buttons", [Length(max=7)], description="Such as #0c7a6b. Empty: ours.")
    ground = StringField("Colour around the page", [Length(max=7)], description="Such as #f5f6f8. Empty: ours.")
    font = SelectField("Font", choices={"": "The reader's own", "serif": "With serifs", "round": "Rounded",
                                        "mono": "Of one width"})
    logo = FileField("Logo", description="PNG, JPEG, GIF or WebP, at most 200 kB.")
    no_logo = BooleanField("No logo")
    page = TextAreaField("Master page", [Length(max=100_000)],
                        description="HTML around every page. Where {{maestro:body}} "
                                    "stands the page itself comes in. Scripts, forms and frames are taken out.")
    sheet = TextAreaField("Style sheet", [Length(max=50_000)],
                        description="CSS for experts, after ours. It loads nothing "
                                    "from elsewhere.")
    mail = TextAreaField("Mail template", [Length(max=100_000)],
                        description="HTML around every mail of the site, with "
                                    "{{maestro:body}} in it. Empty: mails of plain text.")
    order = StringField("Order of the fields", [Length(max=5000)],
                        description="Database names with commas between them. "
                                    "Fields that are left out come last.")
