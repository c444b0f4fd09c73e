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
        found += [filled(rule.rule, live.things), filled(rule.rule, {**live.things, "job_id": live.things["draft_id"]})]
    return sorted(set(found))


def filled(rule, things):
    """The address of a rule with the numbers of things in it."""
    return re.sub(r"<(?:[^<>]+:)?([^:<>]+)>", lambda match: str(things[match[1]]), rule)


def public_pages(live):
    """The pages of subscribers; one that begins with /s/ is looked at logged in, too, where it needs that."""
    site = f"/s/{live.things['site']}"
    links = [f"/c/{live.things[purpose]}" for purpose in ("join", "password", "address")]
    archive = f"{site}/archive/{live.things['archive']}"
    links += [f"/f/{live.things['forward']}", f"/f/{live.things['refusal']}"]
    links += [archive, f"{archive}/{live.things['issue']}"]
    return [f"/u/{live.things['unsubscribe']}", f"/u/{live.things['of_a_test']}", f"/p/{live.things['profile']}",
            *links, f"{links[0]}?no=1", site, f"{site}/subscribe", f"{site}/login", f"{site}/password", f"{site}/me"]
