"""A message's sources read, judged and taken apart, before anybody's values are known."""

import re

from maestro.content import plaintext
from maestro.content.language.compile import Places, settled
from maestro.content.language.nodes import Block, Field, MergeError, Slot, Source, SystemUrl, Text, everything
from maestro.content.language.parse import parse
from maestro.content.language.walk import walk
from maestro.content.language.words import Words
from maestro.content.links import Register
from maestro.lib import conditions

LINKS = 2_000

_body_end = re.compile(r"</body\s*>", re.IGNORECASE)


class Draft:
    """The pieces of subject, html and text, ready for templates. `errors` holds one MergeError a part at most."""

    def __init__(self, parts, settings):
        self.errors = []
        self.settings = settings
        self.words = Words(settings.fields, settings.dropins, today=settings.today, texts={
            "jobid": settings.job_code, "listname": settings.list_name, "senderaddress": settings.postal_address})
        self.register = Register(settings.public_url, settings.clicks, settings.links_before)
        self.places = Places(settings.public_url, settings.subscribe_url or f"{settings.public_url}/")
        self.nodes, self.events = {}, ()
        self.subject = self.attempt(self.read_subject, Source("subject", parts.subject))
        self.html = self.attempt(self.read_html, Source("html", parts.html)) if parts.html else ()
        self.text = self.attempt(self.read_text, Source("text", parts.text)) if parts.text else self.drawn_text()

    def attempt(self, read, source):
        try:
            self.nodes[source.part] = parse(source, self.words)
            pieces = settled(read(source, self.nodes[source.part]), self.places)
            if len(self.register.links) > LINKS:
                raise source.error(f"A message may have at most {LINKS:,} links.", 0)
            return pieces
        except MergeError as error:
            self.errors.append(error)
            return ()

    def read_subject(self, source, nodes):
        for node in everything(nodes):
            if isinstance(node, SystemUrl):
                raise source.error("The subject cannot hold a link.", node.at)
        return headed(nodes)

    def read_html(self, source, nodes):
        pieces, self.events = walk(source, nodes)
        pieces = settled(self.register.settle(pieces), self.places)
        return with_pixel(pieces) if self.settings.opens else pieces

    def read_text(self, source, nodes):
        return self.register.settle(plaintext.by_hand(source, nodes), again=True)

    def drawn_text(self):
        return settled(self.register.settle(plaintext.drawn(self.events), again=True), self.places)

    @property
    def fields(self):
        """The fields whose values the message needs."""
        found = set()
        for node in everything(node for nodes in self.nodes.values() for node in nodes):
            if isinstance(node, Field):
                found.add(node.name)
            elif isinstance(node, Block):
                found.update(*(conditions.names(condition) for condition, _ in node.branches if condition))
        return frozenset(found)


def headed(nodes):
    """The nodes as slots of a header, in blocks too."""
    for node in nodes:
        if isinstance(node, Block):
            yield Block(tuple((condition, tuple(headed(inner))) for condition, inner in node.branches))
        else:
            yield node if isinstance(node, Text) else Slot(node, "header")


def with_pixel(pieces):
    """The picture that tells of an open, as the last thing of the body."""
    pixel = [Text('<img src="'), Slot(SystemUrl("open"), "attribute"),
             Text('.gif" width="1" height="1" alt="" style="display:block">')]
    for index in range(len(pieces) - 1, -1, -1):
        ends = list(_body_end.finditer(pieces[index].text)) if isinstance(pieces[index], Text) else []
        if ends:
            text, cut = pieces[index].text, ends[-1].start()
            return [*pieces[:index], Text(text[:cut]), *pixel, Text(text[cut:]), *pieces[index + 1:]]
    return [*pieces, *pixel]
