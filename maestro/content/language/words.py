"""What a source may name besides the fields: drop-ins and the words of the system."""

import re
from dataclasses import dataclass, field

URLS = ("UnsubscribeURL", "SubscribeURL", "ProfileURL", "ForwardURL", "ViewInBrowserURL")
TEXTS = ("JobID", "ListName", "SenderAddress", "Date")

_entities = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&apos;": "'", "&amp;": "&", "&nbsp;": " ",
             "\xa0": " "}
_entity = re.compile("|".join(_entities))


@dataclass(frozen=True)
class DropIn:
    """A piece of source that a group keeps under a name."""

    source: str
    html: bool = False


@dataclass(frozen=True)
class Words:
    """Fields (name: type), drop-ins (name: DropIn), and the texts of system drop-ins by lower-case word."""

    fields: dict
    dropins: dict = field(default_factory=dict)
    texts: dict = field(default_factory=dict)        # jobid, listname, senderaddress
    today: object = None                             # the date of {{*Date}}


def unescaped(text):
    """What an HTML editor wrote as entities inside a directive or between braces."""
    return _entity.sub(lambda match: _entities[match.group()], text)
