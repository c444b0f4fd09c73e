"""The first start in the browser: one page, reached by the code on the console, gone afterwards."""

from flask import abort, make_response, render_template, request, session

from maestro import sample
from maestro.accounts import sessions, setup
from maestro.admin.cookie import give_cookie
from maestro.admin.door import beside, commit, needs, refusals
from maestro.admin.forms.accounts import SetupForm
from maestro.admin.session import onward
from maestro.extensions import db
from maestro.models import Group, User

OVER = "This set-up link is over. While there is no administrator, the console shows a new one at each start."
PARTS = ("email", "name", "password", "organisation", "address", "zone", "language")


@beside("/setup/<code>", methods=["GET", "POST"])
@needs("anyone")
def set_up(code):
    if not setup.is_open(code):
        abort(404, OVER)
    form = SetupForm()
    if form.validate_on_submit():
        with refusals(form):
            return begin(setup.setup(**{part: form[part].data or "" for part in PARTS}), form.sample.data == "yes")
    page = make_response(render_template("admin/setup.html", form=form), 422 if form.errors else 200)
    page.headers["Referrer-Policy"] = "no-referrer"
    return page


def begin(made, with_sample):
    """Fill the group if wanted, and sign the administrator in."""
    user = db.session.get(User, made["user"])
    if with_sample:
        sample.fill(db.session.get(Group, made["group"]), user)
    token = sessions.start(user, request.remote_addr, request.user_agent.string)
    commit()
    session.clear()
    return give_cookie(onward(), token)
