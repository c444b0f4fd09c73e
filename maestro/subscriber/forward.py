"""Forward to a friend: a form, the mail as the friend will get it, and the page by which a friend refuses more."""

from flask import abort, current_app, g, redirect, request
from flask_wtf import FlaskForm
from itsdangerous import BadData
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired

from maestro.extensions import csrf, db
from maestro.lib import tongues
from maestro.lib.errors import Refused
from maestro.lib.tongues import gettext as _
from maestro.lib.tongues import lazy
from maestro.mailing import preview
from maestro.site import forwarding, friendly
from maestro.subscriber import entrance
from maestro.subscriber.content import written
from maestro.subscriber.door import bp, of_a_test, on_content_host, page, read
from maestro.warehouse import sites


class ForwardForm(FlaskForm):
    """The token in the address is the credential: no cookie takes part, so there is nothing to forge with."""

    class Meta:
        csrf = False

    name = StringField(lazy("Your name"), [InputRequired()],
                       render_kw={"autocomplete": "name", "maxlength": forwarding.NAME})
    friends = TextAreaField(
        lazy("Addresses of your friends"), [InputRequired()],
        render_kw={"rows": 3, "inputmode": "email", "autocomplete": "off"},
        description=lazy("One on each line, at most five. They get this mail once and are not signed up."))
    note = TextAreaField(lazy("A few words to go with it"), render_kw={"rows": 3, "maxlength": forwarding.NOTE})


@bp.get("/f/<token>")
def forward(token):
    found = read("f", token)
    if found.epoch == forwarding.REFUSING:
        named(forwarding.sent_on(found))
        return page("forward_refuse", done=False)
    return asked(reader_of(found), ForwardForm(), token) if found.id else of_a_test(
        _("The mail was a test delivery. In the real one readers can send it on to friends here."))


def reader_of(found):
    """Who forwards."""
    reader = forwarding.find(found)
    named(reader.job)
    return reader


def named(job):
    """The page goes on in the name of the site whose mail it is about, whatever the site's state."""
    if job and job.dataset:
        g.site = sites.of(job.dataset)
        entrance.speak(g.site, job.list)


@bp.post("/f/<token>")
@csrf.exempt
def forward_send(token):
    """First the look at the mail, then, by the second button, the sending."""
    found = read("f", token)
    if found.epoch == forwarding.REFUSING:
        forwarding.refuse(found)
        named(forwarding.sent_on(found))
        db.session.commit()
        return page("forward_refuse", done=True)
    form, reader = ForwardForm(), reader_of(found)
    try:
        wish = forwarding.wish(form.friends.data.splitlines(), form.name.data, form.note.data)
        if not request.form.get("send"):
            return asked(reader, form, token, wish)
        forwarding.send(reader, wish)
    except Refused as refusal:
        db.session.rollback()
        told(form, refusal)
        return asked(reader, form, token), 422
    db.session.commit()
    return page("forward_done", friends=len(wish.friends))


def told(form, refusal):
    """Put a refusal beside the input that it is about."""
    field = refusal.field if refusal.field in form.data else "friends"
    form[field].errors = [*form[field].errors, refusal.sentence]


def asked(reader, form, token, wish=None):
    """The form; with a checked wish the mail under it and the button to send it."""
    frame = wish and copy_address(token, wish)
    subject = wish and friendly.parts(reader.job, wish.name, wish.note, "")[0]
    return page("forward", form=form, left=forwarding.left(reader), wish=wish, frame=frame, subject=subject,
                mail=reader.job.subject)


def copy_address(token, wish):
    """The address of the copy on the content origin, good for ten minutes."""
    words = preview.signer().dumps([wish.name, wish.note])
    return f"{current_app.extensions['maestro'].content_url}/f/{token}/copy?words={words}&lang={tongues.current()}"


@bp.get("/f/<token>/copy")
def forward_copy(token):
    if not on_content_host():
        abort(404)
    try:
        name, note = preview.signer().loads(request.args.get("words", ""), max_age=preview.AGE)
    except BadData:
        return redirect(f"{current_app.extensions['maestro'].public_url}/f/{token}")
    reader = reader_of(read("f", token))
    subject, html, text = friendly.parts(reader.job, name, note, _("(a link of your friend's own)"))
    return written(preview.Preview(subject, html, text))
