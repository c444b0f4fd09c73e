"""How times and amounts read on a page: plain functions, and template filters of the same names."""

from flask import g

from maestro.lib import addresses, clock, tongues


def when(moment, zone="UTC"):
    """`Mon 23 Nov, 08:00` on the clocks of `zone`, with the year when it is not this one."""
    if moment is None:
        return ""
    local = clock.local(moment, zone)
    if tongues.current() != tongues.ENGLISH:
        return tongues.time(local)
    year = "" if local.year == clock.today(zone).year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year}, {local:%H:%M}"


def number(count):
    """48210 as `48,210`, or as the language writes it."""
    if count is None or tongues.current() == tongues.ENGLISH:
        return "" if count is None else f"{count:,}"
    return tongues.number(count)


def plural(count, one, many):
    """`1 person`, `2,100 people`."""
    return f"{number(count)} {one if count == 1 else many}"


def percent(part, whole):
    """`62 %`; never `100 %` or `0 %` while that is not quite true."""
    if not whole:
        return "0 %"
    share = 100 * part / whole
    if 0 < share < 0.1 or 99.9 < share < 100:
        return "under 0.1 %" if share < 1 else "over 99.9 %"
    return f"{share:.1f} %".replace(".0 %", " %")


def size(octets):
    """`62 kB`, in thousands as mail programs count."""
    for unit in ("bytes", "kB", "MB"):
        if octets < 1000:
            return f"{octets:.3g} {unit}"
        octets /= 1000
    return f"{octets:.3g} GB"


def span(seconds):
    """`45 s`, `12 min`, `3 h`, `2 days`: how long, in the largest unit that fits."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    if seconds < 172800:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / 86400:.0f} days"


def prepare(app):
    """Register the filters. `when` shows the clocks of `g.zone`, which a door sets for its reader."""
    filters = app.jinja_env.filters
    filters.update({f.__name__: f for f in (number, plural, percent, size, span)})
    filters["masked"] = addresses.mask
    filters["when"] = lambda moment: when(moment, g.get("zone", "UTC"))
