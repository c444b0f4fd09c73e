"""All pages of the application with the things of the filled installation in their addresses."""

import re

BINARY = re.compile(r"\.(csv|jsonl|eml|svg|log|txt|json)$|/(download|export|live|palette|qr|csv|raw)\b")


def admin_pages(live):
    """The addresses of all admin pages; one whose address takes something that `live.things` lacks is an error."""
    found = []
    for rule in live.app.url_map.iter_rules():
        if not rule.endpoint.startswith("admin.") or "GET" not in rule.methods or BINARY.search(rule.rule):
            continue
        if rule.endpoint in live.left_out:
            continue
        missing = rule.arguments - live.things.keys()
        assert not missing, f"{rule.rule}: say in tests/browser/conftest.py what {missing} is"
        found.append(re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda match: str(live.things[match[1]]), rule.rule))
    return sorted(set(found))


def public_pages(live):
    return [f"/u/{live.things['unsubscribe']}", "/u/broken"][:1]
