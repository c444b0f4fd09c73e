"""A checker from outside: is the customers' table the same as the list, and does the change log tell the difference?

    python checker.py FILE.json

It knows the product only by what is published: exports by token, daily files of the change log, and their grammar. The
file names them, and the table; what was found is kept beside it for the next time. Imports nothing of the product.
"""

import csv
import io
import json
import re
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from urllib.request import urlopen

import psycopg
import pymysql

SHOWN = 20                       # differences that are printed
LINE = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?P<code>ADD|DEL|CHG|UPD|CON) (?:D (?P<whole>\d+)|L (?P<dataset>\d+) "
    r"(?P<list>\d+)) (?P<address>\S+@\S+)(?: (?P<more>\S+@\S+))?(?: (?P<ip>[0-9a-f.:]+))?")


def fetched(url):
    """(headers, text) of a download."""
    with urlopen(url, timeout=600) as answer:                                    # noqa: S310 - our own server
        body = answer.read()
        assert len(body) == int(answer.headers["Content-Length"]), "a short file"
        return answer.headers, body.decode()


def people(url):
    """{address: {field: text}} of an export."""
    headers, text = fetched(url)
    rows = csv.reader(io.StringIO(text, newline=""))
    names = next(rows)
    found = {row[0]: dict(zip(names, map(sys.intern, row), strict=True)) for row in rows}
    assert len(found) == int(headers["X-Maestro-Rows"]), "an address twice, or a row less than promised"
    return found


def customers(source, query, types):
    """The same of the customers' table, with every value as an export shows it."""
    with opened(source) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        names = [column[0] for column in cursor.description]
        return {row[0]: {name: sys.intern(shown(value, types.get(name))) for name, value in
                         zip(names, row, strict=True)} for row in cursor}


def opened(source):
    if source["kind"] == "postgresql":
        return psycopg.connect(host=source["host"], port=source["port"], dbname=source["database"],
                               user=source["user"], password=source["password"])
    return pymysql.connect(host=source["host"], port=source["port"], database=source["database"], user=source["user"],
                           password=source["password"], charset="utf8mb4")


def shown(value, type=None):
    """A value as exports write it: T and F, ISO dates, numbers without needless noughts."""
    if value is None or value == "":
        return ""
    if type == "yesno" or isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float | Decimal):
        return format(Decimal(str(value)).normalize(), "f")
    return value


def differences(mine, theirs, names):
    """What is not the same on both sides, in words."""
    for address in sorted(mine.keys() ^ theirs.keys()):
        yield f"{address} is only {'on the list' if address in mine else 'in the table'}"
    for address in sorted(mine.keys() & theirs.keys()):
        for name in names:
            here, there = mine[address][name], theirs[address][name]
            if here != there:
                yield f"{name} of {address}: {here!r} on the list, {there!r} in the table"


def log(told):
    """The entries after the number that was kept, held against the published files after the same place."""
    since, read = told["kept"].get("seq", 0), told["kept"].get("lines", 0)
    headers, text = fetched(f"{told['changes']}&since={since}&format=jsonl")
    entries = [json.loads(line) for line in text.splitlines()]
    files = [path.read_text().splitlines() for path in sorted(Path(told["files"]).glob("*.log"))]
    lines = [line for file in files for line in file][read:]
    assert fetched(f"{told['changes']}&since={since}&format=text")[1].splitlines() == lines, "files and token differ"
    for line, entry in zip(lines, entries, strict=True):
        check_line(LINE.fullmatch(line), entry)
    numbers = [entry["seq"] for entry in entries]
    assert numbers == list(range(since + 1, since + len(entries) + 1)), "a number is missing"
    return entries, {"seq": int(headers["X-Maestro-Seq"]), "lines": read + len(lines)}


def check_line(found, entry):
    """A line of the text says what the entry says."""
    address, old, ip = entry["address"].upper(), (entry["old_address"] or "").upper(), entry["ip"]
    said = (old, address) if entry["code"] == "CHG" else (address, None)
    assert found and (found["code"], found["address"], found["more"]) == (entry["code"], *said), entry
    assert int(found["whole"] or found["dataset"]) == entry["dataset_id"] and found["ip"] == ip, entry
    assert (int(found["list"]) if found["list"] else None) == entry["list_id"], entry


class Replay:
    """What is left when the log's entries are done one after the other to what was there before."""

    def __init__(self, members, places, own):
        self.own = own
        self.members = {who: {name: text for name, text in row.items() if name != "address"}
                        for who, row in members.items()}
        self.places = {who: {name: places[who][name] for name in own} for who in places}

    def do(self, entry):
        step = {"ADD": self.join, "DEL": self.leave, "CHG": self.rename, "UPD": self.change, "CON": lambda *_: None}
        step[entry["code"]](entry, self.members if entry["level"] == "D" else self.places)

    def join(self, entry, here):
        assert entry["address"] not in here and (here is self.members or entry["address"] in self.members), entry
        here[entry["address"]] = None              # the log does not tell the values of somebody new

    def leave(self, entry, here):
        assert here.pop(entry["address"], False) is not False, f"{entry} was not there"
        assert here is self.places or entry["address"] not in self.places, f"{entry} is still on the list"

    def rename(self, entry, here):
        assert entry["address"] not in here, entry
        for known in (self.members, self.places):
            if entry["old_address"] in known:
                known[entry["address"]] = known.pop(entry["old_address"])

    def change(self, entry, here):
        values = here[entry["address"]]
        for name, (old, new) in entry["changes"].items():
            if name.startswith("*") or values is None:
                continue
            assert values[name] == shown(old) != shown(new), f"{entry}: it was {values[name]!r}"
            values[name] = shown(new)

    def differences(self, members, places):
        for word, told, there in (("the dataset", self.members, members), ("the list", self.places, places)):
            for address in sorted(told.keys() ^ there.keys()):
                yield f"{address} is in {word} {'only by the log' if address in told else 'and the log does not know'}"
            for address in told.keys() & there.keys():
                for name, text in (told[address] or {}).items():
                    if there[address][name] != text:
                        yield f"{name} of {address} in {word}: {text!r} by the log, {there[address][name]!r} is there"


def check(told):
    """(summary, differences, what to keep)"""
    members, places = people(told["members"]), people(told["subscribers"])
    theirs = customers(told["source"], told["query"], told["types"])
    found = list(differences(places, theirs, told["types"]))
    entries, kept = log(told)
    replay = Replay(told["kept"].get("members", {}), told["kept"].get("places", {}), told["own"])
    codes = {}
    for entry in entries:
        replay.do(entry)
        name = f"{entry['code']} {entry['level']}"
        codes[name] = codes.get(name, 0) + 1
    found += replay.differences(members, places)
    return {"customers": len(theirs), "members": len(members), "log": codes}, found, {
        **kept, "members": members, "places": places}


def main(path):
    told = json.loads(Path(path).read_text())
    kept = Path(f"{path}.kept")
    told["kept"] = json.loads(kept.read_text()) if kept.exists() else {}
    summary, found, keep = check(told)
    print(json.dumps({**summary, "different": found[:SHOWN]}))
    kept.write_text(json.dumps(keep))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
