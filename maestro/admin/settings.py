"""The settings of the installation."""

from flask import redirect, render_template, url_for
from flask_login import current_user

from maestro import audit
from maestro.accounts import settings as stored
from maestro.admin.door import bp, commit, config, go, may, needs, refusals
from maestro.admin.forms.accounts import InstallationForm, SendingForm
from maestro.delivery import contact, servers
from maestro.lib.errors import WrongState

PAGES = (                                          # key, what it is called, endpoint, the right that opens it
    ("installation", "Organisation", "admin.settings_installation", "settings.edit"),
    ("sending", "Sending", "admin.settings_sending", "settings.edit"),
    ("retention", "Retention", "admin.settings_retention", "settings.edit"),
    ("users", "Users", "admin.users_list", "user.manage"),
    ("groups", "Groups", "admin.groups_list", "group.manage"),
    ("address", "Data about an address", "admin.address_data", "privacy.edit"),
    ("audit", "Audit log", "admin.audit_log", "audit.see"),
    ("status", "Status", "admin.status", "status.see"),
)
NAMES = ("organisation", "address", "zone", "language", "grace", "test_required", "changelog_days", "csv_guard")


def pages():
    """The pages of the settings that the user may open: key, text and address."""
    return [(key, text, url_for(endpoint)) for key, text, endpoint, right in PAGES if may(right)]


bp.record(lambda state: state.app.jinja_env.globals.update(settings_pages=pages))


@bp.get("/settings")
@needs("account.edit")
def settings():
    """The first of the pages that the user may open."""
    return redirect(pages()[0][2] if pages() else url_for("admin.account"))


@bp.route("/settings/organisation", methods=["GET", "POST"])
@needs("settings.edit")
def settings_installation():
    form = InstallationForm(data={name: stored.get(name) for name in NAMES})
    if form.validate_on_submit():
        with refusals(form):
            for name in NAMES:
                stored.put(name, form[name].data, by=current_user)
            return go(".settings_installation", "Saved.")
    return render_template("admin/settings/installation.html", form=form), 422 if form.errors else 200


@bp.route("/settings/sending", methods=["GET", "POST"])
@needs("settings.edit", fresh=True)
def settings_sending():
    form = sending_form()
    if form.validate_on_submit():
        with refusals(form):
            stored.put("notices_from", form.notices_from.data, by=current_user)
            stored.put_smtp(form.host.data.strip(), form.port.data, form.tls.data, form.user.data.strip(),
                            form.password.data or None, form.connections.data, by=current_user)
            return go(".settings_sending", "Saved.")
    return sending_page(form)


@bp.post("/settings/sending/test")
@needs("settings.edit", fresh=True)
def settings_sending_test():
    """Ask the mail server in force whether it takes us. Nothing is locked while it thinks."""
    route = servers.chosen(config())
    if not route:
        raise WrongState("No mail server is set. Name one and save it first.")
    commit()
    found = contact.ask(route, config())
    audit.record("settings.test", None, current_user, outcome=found.outcome)
    commit()
    return sending_page(sending_form(formdata=None), found)


def sending_form(**given):
    return SendingForm(data={**stored.get("smtp"), "notices_from": stored.get("notices_from")}, **given)


def sending_page(form, found=None):
    page = render_template("admin/settings/sending.html", form=form, found=found, fixed=bool(config().SMTP_URL),
                           kept=bool(stored.get("smtp")["password"]))
    return page, 422 if form.errors else 200
