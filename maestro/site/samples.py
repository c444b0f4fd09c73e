"""Every page and mail of a site that its owner can look at before others do, each in its states."""

from flask import current_app

from maestro.mailing import preview

PAGES = {
    "home": "Front page", "home_empty": "Front page without lists", "subscribe": "Sign up, first step",
    "subscribe_refused": "Sign up, refused", "details": "Sign up, second step",
    "details_refused": "Second step, refused",
    "sent": "After signing up", "confirm": "Confirm", "confirm_over": "Confirm, too late", "confirm_no": "Not me",
    "welcome": "Welcome", "welcome_again": "Confirmed before", "login": "Log in", "area": "Subscriber area",
    "area_trusted": "Subscriber area, logged in", "unsubscribe": "Unsubscribe", "unsubscribed": "Unsubscribed",
    "forward": "Forward to a friend", "forwarded": "Forwarded", "closed": "Closed for maintenance",
    "missing": "Not found", "broken": "Broken unsubscribe link"}
MAILS = {
    "mail_confirmation": "Confirmation", "mail_reminder": "Reminder", "mail_welcome": "Welcome",
    "mail_known": "Signed up again", "mail_log_in": "Log-in link", "mail_password": "Password link",
    "mail_address": "New address",
    "mail_moved": "To the old address", "mail_goodbye": "Goodbye", "mail_leave": "Instead of a broken link"}
SAMPLES = {**PAGES, **MAILS}


def link(site, list, name, language, draft):
    """The address of a frame on the content origin, good for ten minutes."""
    token = preview.signer().dumps(["site", site.id, list and list.id, name, language, draft])
    return f"{current_app.extensions['maestro'].content_url}/rehearsal/{token}"
