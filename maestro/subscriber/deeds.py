"""What the buttons of the subscriber area do: each takes the visit, and may answer with a page of its own."""

import json
from typing import NamedTuple

from flask import request, url_for

from maestro.lib import tongues, web
from maestro.lib.errors import Refused
from maestro.lib.tongues import gettext as _
from maestro.lib.tongues import lazy
from maestro.site import belongings, moving, preferences, visiting
from maestro.subscriber import inputs
from maestro.subscriber.entrance import forget, message
from maestro.warehouse import erasure, members, subscriptions


class Deed(NamedTuple):
    """`trusted`: only after a log-in; `said`: what stands above the page afterwards."""

    do: object
    trusted: bool
    said: object


def lists(visit):
    """Lists as ticked, and how often each of them may write."""
    wanted = [list for list in visit.site.dataset.lists if list.key in request.form.getlist("list")]
    preferences.choose(visit.site, visit.row, wanted, request.remote_addr, "/p/" if not visit.trusted else visit.url)
    for list in wanted:
        if subscriptions.is_on(list, visit.row):
            preferences.slow(list, visit.row, request.form.get(f"frequency_{list.key}", "all"), request.remote_addr)


def pause(visit):
    preferences.pause(visit.site, visit.row, request.form.get("days", 0, type=int), request.remote_addr)


def language(visit):
    preferences.speak(visit.site, visit.row, request.form.get("language", ""), request.remote_addr)


def link(visit):
    visiting.ask_again(visit.site, visit.row, request.remote_addr, tongues.current())


def profile(visit):
    """Only fields that subscribers may change; the others keep their values, and who had said no to a consent may."""
    mine = [list for _place, list in subscriptions.of(visit.site.dataset, visit.row["id"])]
    asked = [field for field in inputs.asked(visit.site.dataset, mine)
             if field.shown == "edit" and inputs.PREFIX + field.name + "_is" in request.form
             and not (field.consent and visit.row[field.name] is False and not inputs.is_given(field))]
    values, errors = inputs.read(asked)
    for name, sentence in errors.items():
        raise Refused(sentence, name)
    members.change(visit.site.dataset, visit.row, values, preferences.BY, cause="self", ip=request.remote_addr)


def address(visit):
    moving.ask(visit.site, visit.row, request.form.get("address", "")[:320], request.remote_addr, tongues.current())


def password(visit):
    """A new password ends every log-in, this one too."""
    preferences.set_password(visit.site, visit.row, request.form.get("password", ""), request.remote_addr)
    answer = message(visit.site, _("Your password is set"), _("Log in with it now."),
                     url_for(".log_in", key=visit.site.key), _("Log in"))
    return forget(web.Response(*answer), visit.site)


def download(visit):
    """Everything that is stored about the member, as one file of JSON."""
    found = json.dumps(belongings.of(visit.site, visit.row), ensure_ascii=False, indent=2, default=str)
    return web.download([found.encode()], "my-data.json", "application/json")


def be_sure():
    """What cannot be undone takes a tick besides the button."""
    if not request.form.get("sure"):
        raise Refused(_("Tick the box above the button too. This cannot be undone."), "sure")


def leave(visit):
    be_sure()
    preferences.leave(visit.site, visit.row, request.remote_addr)
    answer = message(visit.site, _("You have left"),
                     _("You are on no list any more, and your profile and password are deleted."))
    return forget(web.Response(*answer), visit.site)


def erase(visit):
    be_sure()
    erasure.erase(visit.site.dataset, visit.row, by=preferences.BY, cause="self", ip=request.remote_addr)
    answer = message(visit.site, _("You are erased"),
                     _("Nothing about you is kept, but for a mark made of your address that cannot be read back. "
                       "It keeps you from being added again by mistake."))
    return forget(web.Response(*answer), visit.site)


def said(act):
    """The notice after a deed, as (tone, sentence), or None."""
    return ("ok", str(DEEDS[act].said)) if act in DEEDS and DEEDS[act].said else None


DEEDS = {
    "lists": Deed(lists, False, lazy("Your lists are saved.")),
    "pause": Deed(pause, False, lazy("Saved. You see below until when the mails pause.")),
    "language": Deed(language, False, lazy("Your language is saved.")),
    "link": Deed(link, False, lazy("A link is on its way to your address. It works for 15 minutes.")),
    "profile": Deed(profile, True, lazy("Your profile is saved.")),
    "address": Deed(address, True, lazy("We sent a message to the new address. Confirm it there to make the change.")),
    "password": Deed(password, True, None),
    "download": Deed(download, True, None),
    "leave": Deed(leave, True, None),
    "erase": Deed(erase, True, None),
}
