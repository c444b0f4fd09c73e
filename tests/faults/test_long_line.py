"""A file with a line of two gigabytes: the line is named, the rest goes on, and the reader's memory stays small."""

import os

import pytest

from maestro.exchange import findings, imports, sources
from maestro.extensions import db
from tests.parts.importer import Process

GIGABYTES, MOST = 2, 600_000_000                   # bytes of memory at the highest; an idle process has some 150


@pytest.fixture
def settings():
    """No mail server is needed."""
    return {}


def long_file(path):
    """It takes no room on the disk: its line is a hole, which reads as NULs."""
    with open(path, "wb") as file:
        file.write(b"address,first_name\n" + b"".join(b"p%d@example.org,P\n" % number for number in range(1000)))
        file.seek(GIGABYTES << 30, os.SEEK_CUR)
        file.write(b"\nlast@example.org,Last\n")


def test_a_line_of_two_gigabytes_is_left_out_and_never_held(config, world, report):
    key = sources.new_key()
    long_file(sources.path(key))
    run = imports.create(world.dataset, None, key, "long.csv", by=world.alice)
    imports.start(run, False, by=world.alice)
    db.session.commit()
    process = Process(config, run.id)
    _, status, used = os.wait4(process.process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    run = imports.load(run.id)
    assert (run.state, run.counts["added"], run.counts["rejected"]) == ("done", 1001, 1), run.problem
    [(line, _, _, why)] = findings.lines(run, "rejected")
    assert line == "1002" and "characters" in why
    peak = used.ru_maxrss * 1024
    assert peak < MOST
    report(f"{db.engine.dialect.name}: a line of {GIGABYTES} GB was left out; the import took {peak >> 20} MB at most")
