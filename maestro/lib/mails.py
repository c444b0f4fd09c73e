"""A finished message taken apart for people who look at it: its parts, headers, links and attachments."""

import re
from email import message_from_bytes, policy
from html.parser import HTMLParser

ADDRESS = re.compile(r"https?://[^\s<>\"]+")


class Mail:
    """Reads a message of ours. What is broken in it is shown as it is rather than refused."""

    def __init__(self, raw):
        self.raw = raw
        self.message = message_from_bytes(raw, policy=policy.default)

    @property
    def html(self):
        return self.part("html")

    @property
    def text(self):
        return self.part("plain")

    @property
    def source(self):
        return self.raw.decode("utf-8", "replace")

    @property
    def headers(self):
        """(name, value) of every header, decoded."""
        return [(name, " ".join(str(value).split())) for name, value in self.message.items()]

    @property
    def attachments(self):
        """(name, octets) of every attachment."""
        parts = self.message.iter_attachments() if self.message.is_multipart() else []
        return [(part.get_filename() or "without a name", len(part.get_payload(decode=True) or b"")) for part in parts]

    @property
    def links(self):
        """(what stands on it, address) of every link, in order."""
        if not self.html:
            return [("", url) for url in ADDRESS.findall(self.text)]
        reader = Links()
        reader.feed(self.html)
        reader.close()
        return reader.found

    def part(self, kind):
        found = self.message.get_body([kind])
        return found.get_content() if found else ""


class Links(HTMLParser):
    """Collects the links of an HTML page with the text on them."""

    def __init__(self):
        super().__init__()
        self.found = []
        self.url, self.words = None, []

    def handle_starttag(self, tag, attrs):
        if tag == "a" and dict(attrs).get("href"):
            self.url, self.words = dict(attrs)["href"], []
        if tag == "img" and self.url:
            self.words.append(dict(attrs).get("alt") or "")

    def handle_data(self, data):
        if self.url:
            self.words.append(data)

    def handle_endtag(self, tag):
        if tag == "a" and self.url:
            self.found.append((" ".join(" ".join(self.words).split()), self.url))
            self.url = None
