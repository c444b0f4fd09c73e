"""The mails of a site, each put into the queue of single messages in the transaction of what it tells."""

from flask import current_app, render_template

from maestro import notices
from maestro.accounts import settings
from maestro.delivery import post
from maestro.extensions import db
from maestro.lib import tongues
from maestro.lib.letters import letter
from maestro.mailing.compose import MEMBER_BITS, WHOLE_DATASET
from maestro.models import User
from maestro.site import consenting, dress, knocks
from maestro.warehouse import looks


def confirmation(site, link, token, lists):
    joining("confirmation", site, link, token, lists)


def reminder(site, link, token, lists):
    joining("reminder", site, link, token, lists)


def joining(name, site, link, token, lists):
    """Asks to confirm a sign-up; says when and from where it was asked, and offers to say no."""
    write(site, link.data["language"], name, link.address, lists=lists, url=address_of(f"/c/{token}"),
          asked_at=link.created_at, network=knocks.prefix(link.ip), days=site.confirm_days,
          consent=consenting.text(link.data["text"]))


def known(site, link, row):
    """Tells who signed up again that he is on these lists already."""
    write(site, link.data["language"], "known", row["address"], url=profile(site, row))


def welcome(site, language, row, lists):
    write(site, language, "welcome", row["address"], lists=lists, url=profile(site, row))


def linked(site, link, token):
    """The link to log in, to set a password, or to confirm an address: each has a text of its own."""
    write(site, link.data["language"], link.purpose, link.address, url=address_of(f"/c/{token}"),
          network=knocks.prefix(link.ip))


def moved(site, language, old, new):
    """Tells the old address that another one has taken its place."""
    write(site, language, "moved", old, new=new)


def goodbye(site, language, address):
    write(site, language, "goodbye", address, url=address_of(f"/s/{site.key}"))


def whole_links(site, language, row, places):
    """The links to leave each list, and to leave everything; `places` are (subscription, list)."""
    write(site, language, "leave", row["address"], url=leaving_link(WHOLE_DATASET | number_of(site, row)),
          links=[(list.name, leaving_link(place.id)) for place, list in places])


def write(site, language, name, address, **values):
    """Render a mail from templates/mail/site, whose first line is the subject, and queue it."""
    subject, text, html = composed(site, language, name, looks.merged(site.dataset), address=address, **values)
    sender = site.sender or settings.notices_from(current_app.extensions["maestro"])
    post.queue(site.dataset.group_id, f"site_{name}", address, sender,
               letter(address, sender, title(site), subject, text, html))


def composed(site, language, name, look, **values):
    """(subject, text, html) of a mail in the look of its site; html is empty where the site has no frame for mails."""
    with tongues.speaking(language):
        dress.speak(look)
        written = render_template(f"mail/site/{name}.txt", site=site, title=title(site), **values)
        subject, _, text = written.partition("\n")
        return subject, text.lstrip("\n"), dress.mail(look, text)


def title(site):
    """What the site is called: its own title, else the organisation."""
    return site.title or settings.get("organisation") or site.dataset.name


def address_of(path):
    return current_app.extensions["maestro"].public_url + path


def profile(site, row):
    """The address of the page with a person's lists, for mails."""
    return address_of("/p/" + current_app.extensions["tokens"].mint("p", number_of(site, row), row["epoch"]))


def leaving_link(number):
    return address_of("/u/" + current_app.extensions["tokens"].mint("u", number))


def number_of(site, row):
    """A person's number in links, which tells the dataset too."""
    return site.dataset_id << MEMBER_BITS | row["id"]


def crowded(site, lists):
    """Tells the managers of the group that a form is used far more than usual."""
    names = ", ".join(list.name for list in lists)
    sender = settings.notices_from(current_app.extensions["maestro"])
    for user in db.session.query(User).filter_by(group_id=site.dataset.group_id, role="manager", disabled_at=None):
        notices.post(user, sender, "site_crowd", "Many people sign up at once",
                     f"The sign-up form of {names} was used more than 200 times within an hour. It asks for a small "
                     "puzzle now, and who does not solve it waits for the mail. Look whether all of them are people.\n")
