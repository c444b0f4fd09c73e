"""One of every kind of mail that the public gets, made by what leads to it; and what a mail scanner finds in a mail."""

import ast
import html
import re
from email import message_from_bytes, policy
from pathlib import Path

from maestro.content.language.words import URLS
from maestro.delivery import outbox
from maestro.extensions import db
from maestro.mailing import authorise, trial
from maestro.models import MailedLink, OutboxMessage, Post
from maestro.site import forwarding, joining, lost, mailroom, moving, preferences, visiting
from tests.writing import people, ready

ROOT = Path(__file__).parent.parent
SITE = ROOT / "templates" / "mail" / "site"
LINKS = "\n".join(f'<p><a href="{{{{*{name}}}}}">{name}</a></p>' for name in URLS)
HTML = f"""<p>Hello {{{{first_name}}}}, <a href="https://www.example.org/spring">spring</a>
<a href="https://shop.example.org/{{{{city|all}}}}">and shop</a></p>{LINKS}<p>{{{{*SenderAddress}}}}</p>"""
TEXT = "\n".join(f"{name}: {{{{*{name}}}}}" for name in URLS) + "\nhttps://www.example.org/spring {{*SenderAddress}}"
DAY = 86_400

_url = re.compile(r"https?://[^\s<>\"']+")


def kinds():
    """Every kind of single mail to the public that the code can queue; each mail of a site has a template."""
    calls = [node for path in (ROOT / "maestro").rglob("*.py") for node in ast.walk(ast.parse(path.read_text()))
             if isinstance(node, ast.Call) and ast.unparse(node.func) == "post.queue"]
    said = {ast.unparse(call.args[1]) for call in calls}
    of_sites = {f"site_{path.stem}" for path in SITE.glob("*.txt")} if "f'site_{name}'" in said else set()
    return {ast.literal_eval(text) for text in said - {"f'site_{name}'"}} | of_sites


def made():
    """The kinds of single mails that were sent."""
    return {kind for kind, in db.session.query(Post.kind).distinct() if not kind.startswith("notice")}


def messages():
    """Every mail in the Outbox."""
    return [message_from_bytes(outbox.read(kept), policy=policy.default)
            for kept in db.session.query(OutboxMessage).order_by(OutboxMessage.id)]


def links(message):
    """Every web address in the headers and the parts of a mail, as a scanner finds them."""
    texts = [str(value) for value in message.values()]
    for part in message.walk():
        if part.get_content_type() == "text/html":
            texts.append(html.unescape(part.get_content()))
        elif part.get_content_type() == "text/plain":
            texts.append(part.get_content())
    return {url for text in texts for url in _url.findall(text)}


def fill(world, site, work, turn):
    """Do what leads to each kind of mail, as people of the world's dataset and strangers; they come into the Outbox."""
    fay, gus = people(world, 2)
    sign_up(site, world, "eve@example.org", 1)
    work()
    turn(4 * DAY)
    mailroom.remind()
    sign_up(site, world, world.dave["address"], 2)
    sign_up(site, world, "hal@example.org", 3)
    moving.ask(site, fay, "fay@example.org", "192.0.2.4", "en")
    work()
    joining.confirm(asked("hal@example.org"), "192.0.2.3")
    moving.confirm(site, asked("fay@example.org"), "192.0.2.4")
    preferences.leave(site, gus, "192.0.2.5")
    for purpose in ("log_in", "password"):
        visiting.ask(site, purpose, world.dave["address"], "192.0.2.6", "en")
    lost.ask(world.dave["address"], "192.0.2.6", "en")
    moving.ask(site, world.dave, "dave.new@example.org", "192.0.2.6", "en")
    mail(world, work)


def mail(world, work):
    """A job to a list and one to the whole dataset, a test of it; a friend gets it too."""
    to_all, to_list = (ready(world, html=HTML, text=TEXT, list_id=list_id) for list_id in (None, world.offers.id))
    trial.send(to_list, ["me@example.org"], world.alice)
    trial.accept(to_list, world.alice)
    to_list.list.archive = to_list.public = True
    for job in (to_all, to_list):
        authorise.authorise(job, "now", world.alice, grace=0)
    work()
    forwarding.send(forwarding.Reader(to_list, 1), forwarding.wish(["ivy@example.org"], "Dave", "Read this"))
    work()


def sign_up(site, world, address, host):
    joining.ask(site, [world.offers], address, {}, f"192.0.2.{host}", "en", f"/s/{site.key}/subscribe")


def asked(address):
    """The last request for a link to this address."""
    return db.session.query(MailedLink).filter_by(address=address).order_by(MailedLink.id.desc()).first()
