"""Requests of people about their data: the report on an address, erasure, restriction; and how long things are kept."""

from flask import render_template, request
from flask_login import current_user

from maestro.accounts import settings as stored
from maestro.admin.door import bp, commit, go, needs, refusals
from maestro.admin.forms.privacy import AddressForm, RetentionForm
from maestro.lib import web
from maestro.lib.errors import Refused
from maestro.site import report, retention
from maestro.warehouse import restriction

KINDS = {"json": "application/json", "xml": "application/xml"}


@bp.route("/settings/address", methods=["GET", "POST"])
@needs("privacy.edit")
def address_data():
    """What is stored about an address. It is asked for by a form, so that no address stands in an address bar."""
    form, found = AddressForm(), None
    if form.validate_on_submit():
        with refusals(form):
            found = report.of(current_user.group, form.address.data)
    page = render_template("admin/privacy/address.html", form=form, found=found, known=found and report.is_known(found))
    return page, 422 if form.errors else 200


@bp.post("/settings/address/<any(json, xml):form>")
@needs("privacy.edit")
def address_download(form):
    data = report.told(current_user.group, asked(), form, by=current_user)
    commit()
    return web.download([data], f"address-data.{form}", KINDS[form])


def asked():
    return request.form.get("address", "")


@bp.post("/settings/address/erase")
@needs("privacy.edit", fresh=True)
def address_erase():
    """Erase everything; the address is typed once more before."""
    if request.form.get("typed", "").strip().lower() != asked().strip().lower():
        raise Refused("Nothing was erased: type the address to erase it.", "typed")
    report.erase(current_user.group, asked(), by=current_user)
    return go(".address_data", "The address is erased. Logs and files follow within minutes.")


@bp.post("/settings/address/<any(restrict, release):verb>")
@needs("privacy.edit")
def address_restrict(verb):
    {"restrict": restriction.restrict, "release": restriction.lift}[verb](current_user.group, asked(), by=current_user)
    said = {"restrict": "The address gets no mail from you now. Its data stay.", "release": "It may get mail again."}
    return go(".address_data", said[verb])


@bp.route("/settings/retention", methods=["GET", "POST"])
@needs("settings.edit")
def settings_retention():
    names = [rule.setting for rule in retention.RULES]
    form = RetentionForm(data={name: stored.get(name) for name in names})
    if form.validate_on_submit():
        with refusals(form):
            for name in names:
                stored.put(name, form[name].data, by=current_user)
            return go(".settings_retention", "Saved. What is older goes in the next night.")
    return render_template("admin/privacy/retention.html", form=form, names=names,
                           report=retention.report()), 422 if form.errors else 200
