"""People who log in to work: made, changed, disabled, and recognised by their password."""

from sqlalchemy import func, select, update

from maestro import audit, permissions
from maestro.accounts import passwords, sessions, settings
from maestro.extensions import db
from maestro.lib import addresses, clock
from maestro.lib.errors import Forbidden, Refused
from maestro.models import ROLES, User

THEMES = ("system", "light", "dark")


def create(email, group, role, password=None, by=None, name=""):
    """A new user. Without a password nobody can log in until one is set through a link."""
    judged = judge_email(email)
    check_role(role, group, by)
    if password is not None:
        passwords.judge(password, context(judged.given, name))
    user = User(email=judged.given, email_key=judged.key, name=check_name(name), group_id=group.id, role=role,
                password_hash=passwords.NOT_SET if password is None else passwords.hashed(password),
                password_at=clock.now())
    db.session.add(user)
    db.session.flush()
    audit.record("user.create", user, by, role=role)
    return user


def judge_email(email):
    try:
        judged = addresses.judge(email)
    except addresses.AddressError as problem:
        raise Refused(problem.sentence, "email") from None
    if by_email(judged.given):
        raise Refused("There is a user with this address already.", "email")
    return judged


def by_email(email):
    """The user with this address in any spelling, or None."""
    try:
        return db.session.scalar(select(User).where(User.email_key == addresses.key(email)))
    except addresses.AddressError:
        return None


def check_name(name):
    name = name.strip()
    if len(name) > 120 or not name.isprintable():
        raise Refused("A name has at most 120 characters.", "name")
    return name


def check_role(role, group, by):
    """A group administrator gives roles in the own group, and not the one above the own."""
    if role not in ROLES:
        raise Refused(f"A role is one of {', '.join(ROLES)}.", "role")
    if getattr(by, "role", "site") != "site" and (role == "site" or group.id != by.group_id):
        raise Forbidden("Only a site administrator can do this.", "role")


def context(*texts):
    """What must not be the password: words about the user and the organisation."""
    return [*texts, settings.get("organisation")]


def set_password(user, password, by, but=None):
    """A new password. Every session of the user ends, `but` (the one in which it was set) excepted."""
    passwords.judge(password, context(user.email, user.name))
    user.password_hash, user.password_at = passwords.hashed(password), clock.now()
    db.session.flush()
    sessions.end_all(user, but)
    audit.record("user.password", user, by)


def change(user, by, **parts):
    """Change name, theme or single-key shortcuts."""
    parts = {name: CHECKS[name](value) for name, value in parts.items()}
    differing = {name: value for name, value in parts.items() if getattr(user, name) != value}
    for name, value in differing.items():
        setattr(user, name, value)
    if differing:
        db.session.flush()
        audit.record("user.change", user, by, parts=sorted(differing))


def check_theme(theme):
    if theme not in THEMES:
        raise Refused(f"The look is one of {', '.join(THEMES)}.", "theme")
    return theme


CHECKS = {"name": check_name, "theme": check_theme, "shortcuts": bool}


def set_role(user, role, by):
    """Give a user another role; the sessions of the old one end."""
    check_managed(user, by)
    check_role(role, user.group, by)
    if role == user.role:
        return
    if user.role == "site":
        keep_an_administrator(user)
    user.role = role
    db.session.flush()
    sessions.end_all(user)
    audit.record("user.role", user, by, role=role)


def disable(user, by):
    check_managed(user, by)
    if user.id == by.id:
        raise Refused("You cannot disable yourself. Ask another administrator.")
    if user.role == "site":
        keep_an_administrator(user)
    user.disabled_at = user.disabled_at or clock.now()
    db.session.flush()
    sessions.end_all(user)
    audit.record("user.disable", user, by)


def enable(user, by):
    check_managed(user, by)
    user.disabled_at = None
    db.session.flush()
    audit.record("user.enable", user, by)


def check_managed(user, by):
    """Who works at the command line (a word, not a user) may change everybody."""
    if not isinstance(by, str) and not permissions.may_manage(by, user):
        raise Forbidden("Only a site administrator can do this.")


def keep_an_administrator(user):
    """Refuse to lose the last site administrator. The row of each is locked, so that two cannot go at once."""
    others = select(User.id).where(User.role == "site", User.disabled_at.is_(None)).with_for_update()
    if set(db.session.scalars(others)) <= {user.id}:
        raise Refused("This is the last site administrator. Make another user one first.")


def has_administrator():
    return db.session.scalar(select(func.count()).select_from(User).where(User.role == "site")) > 0


def rehash(user, password):
    """Store a hash by today's cost, when the one that just matched is older."""
    if passwords.hasher.check_needs_rehash(user.password_hash):
        db.session.execute(update(User).where(User.id == user.id).values(password_hash=passwords.hashed(password)))
