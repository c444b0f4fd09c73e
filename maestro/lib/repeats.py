"""Rules by which something is done again and again, in the wall clock of a time zone.

{"every": "minutes", "minutes": 15} · {"every": "daily", "at": "02:00"} · {"every": "weekly", "days": [0, 4],
"at": "02:00"} (Monday is 0) · {"every": "cron", "cron": "0 2 * * 1-5"}
"""

from datetime import datetime, timedelta

from croniter import CroniterError, croniter

from maestro.lib import clock
from maestro.lib.errors import Refused

EVERY = {"": "Not by itself", "minutes": "Every few minutes", "daily": "Every day", "weekly": "On days of the week",
         "cron": "By a cron expression"}
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAY = 24 * 60                    # minutes


def checked(rule):
    """The rule with what its kind needs; {} for none."""
    every = rule.get("every", "")
    if every not in EVERY:
        raise Refused("Choose how often.", "every")
    return {"every": every, **CHECKS[every](rule)} if every else {}


def read(text):
    """The rule that a line means: "hourly", "daily 02:00", "weekly mon,thu 02:00", or cron's; {} for none."""
    match text.lower().split():
        case []:
            return {}
        case ["hourly"]:
            return {"every": "minutes", "minutes": 60}
        case ["daily", at]:
            return {"every": "daily", "at": at}
        case ["weekly", days, at]:
            return {"every": "weekly", "days": [day_of(word) for word in days.split(",")], "at": at}
    return {"every": "cron", "cron": text}


def day_of(word):
    short = [day[:3].lower() for day in DAYS]
    if word not in short:
        raise Refused(f"Name days by {', '.join(short)}.", "days")
    return short.index(word)


def check_minutes(rule):
    minutes = rule.get("minutes") or 0
    if not 1 <= minutes <= DAY:
        raise Refused(f"Between 1 and {DAY:,} minutes.", "minutes")
    return {"minutes": minutes}


def check_daily(rule):
    try:
        return {"at": datetime.strptime(rule.get("at") or "", "%H:%M").strftime("%H:%M")}      # noqa: DTZ007 - a wall clock
    except ValueError:
        raise Refused("Write a time of day like 02:00.", "at") from None


def check_weekly(rule):
    days = sorted({int(day) for day in rule.get("days") or () if 0 <= int(day) <= 6})
    if not days:
        raise Refused("Choose at least one day.", "days")
    return {"days": days, **check_daily(rule)}


def check_cron(rule):
    text = " ".join((rule.get("cron") or "").split())
    if len(text.split(" ")) != 5 or not croniter.is_valid(text):
        raise Refused("A cron expression has five parts: minute, hour, day, month, day of the week. For example: "
                      "0 2 * * 1-5.", "cron")
    try:
        croniter(text, datetime(2026, 1, 1)).get_next()                   # noqa: DTZ001 - a wall clock
    except CroniterError:
        raise Refused("This moment never comes.", "cron") from None
    return {"cron": text}


CHECKS = {"minutes": check_minutes, "daily": check_daily, "weekly": check_weekly, "cron": check_cron}


def next_time(rule, zone, after):
    """The first moment after `after` at which the rule says so; None without a rule.

    Steps are taken on the wall clock: a day is a day over a change of the clocks, and a time that is left out comes
    when it would have been (`clock.instant`).
    """
    if not rule:
        return None
    if rule["every"] == "minutes":
        return after + timedelta(minutes=rule["minutes"])
    wall = clock.local(after, zone).replace(tzinfo=None)
    for _ in range(3):                                                     # an hour that comes twice may lie behind
        wall = NEXT[rule["every"]](rule, wall)
        if (found := clock.instant(wall, zone)) > after:
            return found
    return found


def next_daily(rule, wall):
    found = at(rule, wall)
    return found if found > wall else found + timedelta(days=1)


def next_weekly(rule, wall):
    found = next_daily(rule, wall)
    while found.weekday() not in rule["days"]:
        found += timedelta(days=1)
    return found


def next_cron(rule, wall):
    return croniter(rule["cron"], wall).get_next(datetime)


def at(rule, wall):
    hour, minute = map(int, rule["at"].split(":"))
    return wall.replace(hour=hour, minute=minute, second=0, microsecond=0)


NEXT = {"daily": next_daily, "weekly": next_weekly, "cron": next_cron}


def words(rule, zone):
    """The rule as a person says it."""
    if not rule:
        return "Not by itself"
    if rule["every"] == "minutes":
        return f"every {rule['minutes']} minutes" if rule["minutes"] > 1 else "every minute"
    told = {"daily": lambda: f"every day at {rule['at']}", "cron": lambda: f"at {rule['cron']} (cron)",
            "weekly": lambda: f"{', '.join(DAYS[day] for day in rule['days'])} at {rule['at']}"}
    return f"{told[rule['every']]()}, {zone} time"
