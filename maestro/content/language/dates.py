"""The patterns of {{*Date ...}}: d dd, M MM MMM MMMM, yy yyyy, EEE EEEE; everything else stands as it is."""

import re

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
USUAL = "d MMMM yyyy"

_letters = re.compile(r"'([^']*)'|yyyy|yy|MMMM|MMM|MM|M|dd|d|EEEE|EEE")


def written(day, pattern):
    """`day` by `pattern`; words between single quotes are taken as they are."""
    words = {
        "yyyy": f"{day.year:04}", "yy": f"{day.year % 100:02}", "MMMM": MONTHS[day.month - 1],
        "MMM": MONTHS[day.month - 1][:3], "MM": f"{day.month:02}", "M": str(day.month), "dd": f"{day.day:02}",
        "d": str(day.day), "EEEE": DAYS[day.weekday()], "EEE": DAYS[day.weekday()][:3],
    }
    return _letters.sub(lambda match: words.get(match.group(), match.group(1)), pattern or USUAL)
