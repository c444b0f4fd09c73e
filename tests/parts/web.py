"""A browser without scripts: cookies and forms over real HTTP, from whatever network address is wanted."""

import re
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener


class Web:
    """`ip` is where it comes from, in the eyes of a server that trusts one proxy."""

    def __init__(self, url, ip="192.0.2.1"):
        self.url = url
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))
        self.opener.addheaders = [("X-Forwarded-For", ip), ("User-Agent", "Mozilla/5.0")]
        self.at = ""                               # where the last answer came from, redirects followed

    def get(self, path, data=None):
        """The page at a path or address; an answer that is no success fails, with the words of the page."""
        address = path if path.startswith("http") else self.url + path
        try:
            with self.opener.open(Request(address, data), timeout=300) as answer:    # noqa: S310 - our own server
                self.at = answer.url
                return answer.read().decode()
        except HTTPError as refusal:
            said = re.sub(r"<[^>]*>|\s+", " ", refusal.read().decode().partition("<main")[2])
            raise AssertionError(f"{address}: {refusal} {said}") from None

    def send(self, path, page=None, **fields):
        """Fill in the form of a page (that of `path` itself, or of another) that goes to `path`, and send it.

        What is not among `fields` goes along as it stands there.
        """
        forms = Forms(self.get(page or path)).found
        form = next(form for form in forms if form.fits(path if page else "", fields))
        return self.get(path, urlencode(form.values | fields, doseq=True).encode())

    def number(self):
        """The number that the address of the last answer names last."""
        return int(re.findall(r"/(\d+)", self.at)[-1])


class Form:
    """`inputs`: the names; `fixed`: the hidden ones; `values`: what would be sent as it is, {name: [texts]}."""

    def __init__(self, action):
        self.action, self.inputs, self.fixed, self.values = action, set(), set(), {}

    def fits(self, path, fields):
        """Whether it goes there, has these inputs, and means the same where it cannot be changed."""
        same = all(self.values[name] == [fields[name]] for name in self.fixed & fields.keys())
        return fields.keys() <= self.inputs and same and self.action.endswith(path)


class Forms(HTMLParser):
    """The forms of a page."""

    def __init__(self, page):
        super().__init__()
        self.found, self.select, self.text = [Form("")], None, None    # `text`: the input of which this is the value
        self.feed(page)

    def handle_starttag(self, tag, pairs):
        told = dict(pairs)
        if tag == "form":
            self.found.append(Form(told.get("action", "")))
        elif tag == "select":
            self.select = told.get("name")
            self.found[-1].inputs.add(self.select)
        elif tag == "option" and self.select and "selected" in told:
            self.add(self.select, told.get("value"))
            self.text = None if "value" in told else self.select
        elif tag == "textarea":
            self.text = told.get("name")
            self.add(self.text, "")
        elif tag in ("input", "button") and told.get("name"):
            self.found[-1].inputs.add(told["name"])
            if told.get("type") == "hidden":
                self.found[-1].fixed.add(told["name"])
            if tag == "input" and (told.get("type") not in ("radio", "checkbox") or "checked" in told):
                self.add(told["name"], told.get("value"))

    def handle_data(self, text):
        if self.text:
            self.found[-1].values[self.text][-1] += text

    def handle_endtag(self, tag):
        if tag in ("textarea", "option"):
            self.text = None

    def add(self, name, text):
        self.found[-1].inputs.add(name)
        self.found[-1].values.setdefault(name, []).append(text or "")
