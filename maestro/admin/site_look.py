"""How a site looks and what it says: worked on as a draft, looked at on every page and mail, then released."""

import hashlib

from flask import abort, render_template, request
from flask_login import current_user

from maestro.admin.door import bp, find, go, needs, refusals
from maestro.admin.forms.site import ThemeForm
from maestro.admin.site import site_of
from maestro.lib import tongues
from maestro.models import HostedList
from maestro.site import samples
from maestro.warehouse import looks


def list_of(site):
    """The list whose own look is worked on (`?list=`), or None for the site's."""
    number = request.args.get("list", type=int)
    found = find(HostedList, number) if number else None
    if found and found.dataset_id != site.dataset_id:
        abort(404)
    return found


def worn(site):
    """(list or None, its look)."""
    list = list_of(site)
    return list, looks.of(site.dataset, list)


@bp.route("/datasets/<int:dataset_id>/site/look", methods=["GET", "POST"])
@needs("site.edit")
def site_look(dataset_id):
    site = site_of(dataset_id)
    list, look = worn(site)
    draft = {**looks.EMPTY, **look.draft}
    form = ThemeForm(data={**looks.PLAIN, **draft["theme"], **draft, "order": ", ".join(draft["order"])})
    if form.validate_on_submit():
        with refusals(form):
            looks.change(look, site.dataset, current_user, theme=theme(form, site, draft["theme"]), page=form.page.data,
                         sheet=form.sheet.data, mail=form.mail.data, order=names(form.order.data))
            return go(".site_look", "The draft is saved. Look at it, then release it.", dataset_id=dataset_id,
                      list=list and list.id)
    return render_template("admin/site/look.html", form=form, site=site, dataset=site.dataset, list=list,
                           look=look), 422 if form.errors else 200


def theme(form, site, before):
    logo = "" if form.no_logo.data else before.get("logo", "")
    if form.logo.data:
        logo = looks.keep_logo(site.dataset, form.logo.data.read(looks.LOGO + 1))
    return {"brand": form.brand.data.strip(), "ground": form.ground.data.strip(), "font": form.font.data, "logo": logo}


def names(text):
    return [name.strip() for name in text.split(",") if name.strip()]


@bp.post("/datasets/<int:dataset_id>/site/look/<any(release, discard):verb>")
@needs("site.edit")
def site_look_settle(dataset_id, verb):
    site = site_of(dataset_id)
    list, look = worn(site)
    {"release": looks.release, "discard": looks.discard}[verb](look, site.dataset, current_user)
    said = {"release": "Everybody sees it now.", "discard": "The draft is as what everybody sees."}[verb]
    return go(".site_look", said, dataset_id=dataset_id, list=list and list.id)


@bp.route("/datasets/<int:dataset_id>/site/words", methods=["GET", "POST"])
@needs("site.edit")
def site_words(dataset_id):
    """The messages of pages and mails in one language, each with a wording of the owner's where he has one."""
    site = site_of(dataset_id)
    list, look = worn(site)
    language = request.args.get("language", (site.languages or ["en"])[0])
    if language not in tongues.LANGUAGES:
        abort(404)
    own = look.draft.get("texts", {})
    if request.method == "POST":
        mine = {message: request.form[mark(message)] for message, _text in tongues.messages(language)
                if request.form.get(mark(message), "").strip()}
        looks.change(look, site.dataset, current_user, texts={**own, language: mine})
        return go(".site_words", "The draft is saved. Release it on the page Look.", dataset_id=dataset_id,
                  list=list and list.id, language=language)
    return render_template("admin/site/words.html", site=site, dataset=site.dataset, list=list, here_language=language,
                           all_languages=tongues.LANGUAGES, own=own.get(language, {}),
                           messages=[(mark(message), message, text) for message, text in tongues.messages(language)])


def mark(message):
    """The name of a message's input."""
    return "w" + hashlib.sha256(message.encode()).hexdigest()[:12]


@bp.get("/datasets/<int:dataset_id>/site/preview")
@needs("site.edit")
def site_preview(dataset_id):
    site = site_of(dataset_id)
    list = list_of(site)
    shown = {"page": request.args.get("page", "home"),
             "language": request.args.get("language", (site.languages or ["en"])[0])}
    if shown["page"] not in samples.SAMPLES or shown["language"] not in tongues.LANGUAGES:
        abort(404)
    is_live = request.args.get("look") == "live"
    return render_template("admin/site/preview.html", site=site, dataset=site.dataset, list=list, shown=shown,
                           is_live=is_live, samples=samples.SAMPLES, all_languages=tongues.LANGUAGES,
                           frame=samples.link(site, list, shown["page"], shown["language"], not is_live))
