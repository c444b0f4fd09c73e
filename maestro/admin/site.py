"""The subscriber site of a dataset: its settings, and the addresses of all its pages."""

from flask import render_template
from flask_login import current_user

from maestro.admin.door import bp, config, find, go, needs, refusals
from maestro.admin.forms.site import SiteForm
from maestro.models import Dataset
from maestro.site import addresses
from maestro.warehouse import sites

SAVED = ("state", "is_closed", "title", "sender", "domain", "confirm_days", "passwords", "greets", "consent")


def site_of(dataset_id):
    return sites.of(find(Dataset, dataset_id))


@bp.route("/datasets/<int:dataset_id>/site", methods=["GET", "POST"])
@needs("site.edit")
def site(dataset_id):
    site = site_of(dataset_id)
    offered = site.languages or ["en"]
    form = SiteForm(obj=site, data={"languages": offered, "first": offered[0]})
    if current_user.role != "site":
        del form.confirmed_opt_in
    if form.validate_on_submit():
        with refusals(form):
            values = {name: form[name].data for name in SAVED if form[name].data != getattr(site, name)}
            if "confirmed_opt_in" in form:
                values["confirmed_opt_in"] = form.confirmed_opt_in.data
            sites.change(site, current_user, **values, languages=languages(form))
            return go(".site", "Saved.", dataset_id=dataset_id)
    return render_template("admin/site/settings.html", form=form, site=site, dataset=site.dataset,
                           wordings=sites.wordings(site)), 422 if form.errors else 200


def languages(form):
    """The chosen languages, the one for everybody else first."""
    return list(dict.fromkeys([form.first.data, *form.languages.data]))


@bp.get("/datasets/<int:dataset_id>/site/urls")
@needs("dataset.see")
def site_urls(dataset_id):
    site = site_of(dataset_id)
    return render_template("admin/site/urls.html", site=site, dataset=site.dataset,
                           addresses=addresses.of(site, config()), lists=addresses.of_lists(site, config()))
