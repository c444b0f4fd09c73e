"""All public addresses of a site, for web pages, print and scripts."""

from html import escape
from typing import NamedTuple
from urllib.parse import quote, urlencode

NOT_OPEN = "Answers “not found” until the site is open to everyone."
NOT_IN = "Answers “not found” while the site is for unsubscribing only."
CLASSIC = "/list/action/addSubscriberExternally.do"
FORM = """<form action="{action}" method="get">
  <input type="hidden" name="list" value="{key}">
  <label>E-mail address <input type="email" name="address" required></label>
  <button type="submit">Subscribe to {name}</button>
</form>
"""


class Address(NamedTuple):
    """A public address; `works` says in words when it does not lead anywhere now, else it is empty."""

    name: str
    url: str
    works: str = ""


class ListAddresses(NamedTuple):
    """What a list offers: addresses, and the mini form as ready HTML (none while nobody may sign up)."""

    list: object
    addresses: tuple
    form: str


def base(site, config):
    """The site's own host, where it has one, or the public address of the installation."""
    return f"https://{site.domain}" if site.domain else config.public_url


def of(site, config):
    """The addresses of the site's own pages."""
    home = f"{base(site, config)}/s/{site.key}"
    outside = NOT_IN if site.state == "unsubscribes" else ""
    return [Address("Subscriber area", home, outside), Address("Log in", f"{home}/login", outside),
            Address("Sign up to any list", f"{home}/subscribe", closed(site))]


def closed(site):
    return "" if site.state == "open" else NOT_OPEN


def of_lists(site, config):
    return [ListAddresses(list, list_addresses(site, list, config), mini_form(site, list, config))
            for list in site.dataset.lists]


def list_addresses(site, list, config):
    home, public_url = f"{base(site, config)}/s/{site.key}", config.public_url
    hidden = closed(site) if list.shown else "Answers “not found”, as the list is not offered on the site."
    found = [Address("Sign up", f"{home}/subscribe?list={list.key}", hidden),
             Address("For scripts", f"{public_url}{CLASSIC}?{query(site, list)}", hidden),
             Address("For scripts, JSON", f"{public_url}/api/v1/lists/{list.key}/subscribers", hidden)]
    if list.archive:
        archive = f"{home}/archive/{list.key}"
        feeds = [Address(f"Feed, {name}", f"{archive}/{name.lower()}") for name in ("Atom", "RSS")]
        found += [Address("Archive", archive), *feeds]
    return tuple(found)


def query(site, list):
    """The question of the classic address, with a place for the subscriber."""
    known = {"mContainer": site.dataset_id, "mOwner": f"N{site.dataset.group_id}", "mListId": f"HL#{list.id}"}
    return f"{urlencode(known, quote_via=quote)}&mSubscriber=SUBSCRIBER_DATA"


def mini_form(site, list, config):
    if closed(site) or not list.shown:
        return ""
    action = f"{base(site, config)}/s/{site.key}/subscribe"
    return FORM.format(action=escape(action), key=escape(list.key), name=escape(list.name))
