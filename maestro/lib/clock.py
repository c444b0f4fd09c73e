"""The one source of time. Tests turn `clock` forward; nothing else in the product asks the system."""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones


class Clock:
    """Real time plus an offset in seconds that only tests set."""

    def __init__(self):
        self.offset = 0.0

    def now(self):
        return datetime.now(UTC) + timedelta(seconds=self.offset)

    def seconds(self):
        return time.time() + self.offset

    def monotonic(self):
        return time.monotonic() + self.offset


clock = Clock()


def now():
    """This moment in UTC, with its zone."""
    return clock.now()


def seconds():
    """This moment in seconds since 1970, for where moments come by the ten thousand."""
    return clock.seconds()


def monotonic():
    """Seconds that never run backwards, for waiting and measuring."""
    return clock.monotonic()


def zones():
    """The names of all time zones, sorted."""
    return sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC")


def is_zone(name):
    """Whether it is the IANA name of a time zone."""
    try:
        return bool(ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        return False


def local(moment, zone):
    """The wall clock of `zone` (an IANA name) at `moment`."""
    return moment.astimezone(ZoneInfo(zone))


def today(zone):
    return local(now(), zone).date()


def instant(wall, zone):
    """The moment at which the clocks of `zone` show `wall` (naive).

    Of two moments the first is taken, and a time that a clock change leaves out counts from before the change:
    `fold=0`, the rule of RFC 5545 section 3.3.5.
    """
    return wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
