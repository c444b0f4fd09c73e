"""What a person should know of a draft before it is sent."""

from typing import NamedTuple

from maestro.content.language.nodes import Block, Field, Literal, MergeError, SystemUrl, everything

HTML_LARGE = 100_000          # octets; Gmail shows about 102 kB of a message and hides the rest
SUBJECT_LONG = 250            # characters

UNSUBSCRIBE = ("The {} has no unsubscribe link that everybody sees. Add {{{{*UnsubscribeURL}}}} outside of conditional "
               "blocks.")


class Check(NamedTuple):
    """`errors` (MergeError) keep a message from being sent, `warnings` are sentences; `links` are the tracked ones."""

    errors: tuple
    warnings: tuple
    fields: frozenset
    without_fallback: tuple
    links: tuple
    html_bytes: int


def judge(draft, parts):
    """The Check of a draft."""
    errors = [*draft.errors, *unsubscribing(draft)]
    bare = without_fallback(draft)
    html_bytes = len(parts.html.encode("utf-8", "replace"))
    return Check(tuple(errors), tuple(warnings(draft, parts, bare, html_bytes)), draft.fields, bare,
                 tuple(draft.register.links), html_bytes)


def unsubscribing(draft):
    """Both parts of a message to a list need the link; a text made from the HTML has the HTML's."""
    for part, word in (("html", "HTML"), ("text", "plain text")):
        if draft.settings.to_list and part in draft.nodes and not always(draft.nodes[part], is_unsubscribe):
            yield MergeError(UNSUBSCRIBE.format(word), part)


def is_unsubscribe(node):
    return isinstance(node, SystemUrl) and node.word == "unsubscribeurl"


def always(nodes, wanted):
    """Does everybody get a node that is `wanted`, whatever the conditions say?"""
    for node in nodes:
        if isinstance(node, Block):
            has_else = node.branches[-1][0] is None
            if has_else and all(always(inner, wanted) for _, inner in node.branches):
                return True
        elif wanted(node):
            return True
    return False


def without_fallback(draft):
    """Names of fields that leave a gap where they are empty; everybody has an address."""
    nodes = everything(node for nodes in draft.nodes.values() for node in nodes)
    return tuple(sorted({node.name for node in nodes if isinstance(node, Field) and not node.fallback} - {"address"}))


def warnings(draft, parts, bare, html_bytes):
    if bare:
        yield f"Where they are empty, these fields leave a gap, as they have no fallback: {', '.join(bare)}."
    if draft.settings.to_list and not has_postal_address(draft):
        yield "The sender's postal address is missing. Add {{*SenderAddress}}."
    if html_bytes > HTML_LARGE:
        yield "The HTML is larger than 100 kB. Some mail readers cut it off."
    if len(parts.subject) > SUBJECT_LONG:
        yield f"The subject is longer than {SUBJECT_LONG} characters and will be cut."


def has_postal_address(draft):
    address = draft.settings.postal_address
    return not address or any(isinstance(node, Literal) and node.text == address
                              for nodes in draft.nodes.values() for node in everything(nodes))
