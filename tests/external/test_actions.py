"""The trigger URL: its answers, one action for many calls, who may call, and what the log of calls says."""

import json
import os
import signal
import threading

import pytest

from maestro import actions, worker
from maestro.exchange import importers, imports, sources
from maestro.extensions import db
from maestro.lib import crash
from maestro.models import ActionCall, ImportRun
from maestro.triggers import calls, deciding
from maestro.warehouse import members

URL = "/lui/externalAction.do"
CSV = b"email,first_name\r\nann@example.org,Ann\r\nben@example.org,Ben\r\n"


@pytest.fixture
def importer(app, world, tmp_path):
    """An enabled importer of a file into Dave's list."""
    return made(world, tmp_path, "upload")


def made(world, tmp_path, source, name="Nightly"):
    tmp_path.joinpath("people.csv").write_bytes(CSV)
    found = importers.create(world.dataset, world.offers, name, source, by=world.alice)
    importers.set_file(found, sources.take(tmp_path / "people.csv"), "people.csv", by=world.alice)
    importers.enable(found, by=world.alice)
    db.session.commit()
    return found


@pytest.fixture
def token(importer, world):
    return token_of(importer, world)


def token_of(importer, world):
    found = actions.show(actions.of("import", importer, world.alice), world.alice)
    db.session.commit()
    return found


@pytest.fixture
def call(client, token):
    """Ask the trigger URL; the answer."""
    def ask(method="GET", token=token, headers=None, data=None, **asked):
        asked = {"token": token, "wait": 0, **asked}
        return client.open(URL, method=method, query_string=asked, headers=headers, data=data)
    return ask


def runs():
    return db.session.query(ImportRun).count()


def test_a_call_starts_one_run_and_says_how_it_went(call, work, importer):
    answer = call()
    assert (answer.status_code, answer.headers["X-Maestro-Result"]) == (202, "started")
    assert answer.text == f"RUNNING run={answer.headers['X-Maestro-Run']}"
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["X-Robots-Tag"] == "noindex"
    again = call()
    assert (again.status_code, again.headers["X-Maestro-Result"]) == (202, "repeated")
    assert again.headers["X-Maestro-Id"] == answer.headers["X-Maestro-Id"]
    work()
    assert (call().status_code, call().text, runs()) == (200, "OK", 1)
    told = call(status="1")
    assert (told.text, told.headers["X-Maestro-Rows"], told.headers["X-Maestro-Result"]) == ("OK", "2", "status")
    facts = json.loads(call(headers={"Accept": "application/json"}).data)
    assert facts["counts"]["added"] == 2 and facts["answer"] == "OK"


def test_it_waits_for_the_end_of_the_run(app, client, token, importer):
    """A worker in another thread does the work meanwhile."""
    ended = threading.Event()

    def worker():
        with app.app_context():
            while not ended.wait(0.02):
                for _, run_id in imports.due():
                    imports.wait(run_id, 30)
                db.session.rollback()
    thread = threading.Thread(target=worker)
    thread.start()
    answer = client.get(URL, query_string={"token": token, "wait": 60})
    ended.set()
    thread.join()
    assert (answer.status_code, answer.data, answer.headers["X-Maestro-Result"]) == (200, b"OK", "done")
    assert answer.headers["X-Maestro-Rows"] == "2"


@pytest.mark.parametrize("method, headers, status", [
    ("HEAD", {}, 405), ("PUT", {}, 405), ("DELETE", {}, 405), ("OPTIONS", {}, 405),
    ("GET", {"Sec-Purpose": "prefetch;prerender"}, 403), ("GET", {"X-Moz": "prefetch"}, 403),
    ("GET", {"Sec-Fetch-Dest": "image"}, 403), ("GET", {"User-Agent": "Slackbot-LinkExpanding 1.0"}, 403),
    ("GET", {"User-Agent": "Mozilla/5.0 SkypeUriPreview Preview/0.5"}, 403),
])
def test_who_only_looks_starts_nothing(call, method, headers, status):
    answer = call(method, headers=headers)
    assert (answer.status_code, answer.mimetype) == (status, "text/plain")
    assert not runs()


def test_a_wrong_token_is_not_found_and_guessing_is_braked(call, client, token):
    bodies = {call(token=wrong).text for wrong in ("", "x", token[:-1] + "?", token.upper(), "a" * 26)}
    assert bodies == {"Not Found"} and call(token="y").status_code == 404
    for _ in range(24):
        assert call(token="z" * 26).status_code == 404
    answer = call(token="z" * 26)
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 1000
    assert not runs()


def test_the_token_may_stand_in_a_header(client, token):
    answer = client.post(URL, query_string={"wait": 0}, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 202


def test_a_renewed_token_makes_the_old_one_unknown(call, client, world, importer):
    fresh = actions.renew(actions.of("import", importer, world.alice), world.alice)
    db.session.commit()
    assert call().status_code == 404
    assert call(token=fresh).status_code == 202


def test_what_cannot_start_says_why(call, world, importer):
    importers.disable(importer, by=world.alice)
    db.session.commit()
    answer = call()
    assert (answer.status_code, answer.text) == (409, "NOT READY: This importer is disabled.")
    action = actions.of("import", importer, world.alice)
    actions.set_rules(action, world.alice, allow="198.51.100.0/24, 2001:db8::/32")
    db.session.commit()
    assert call().status_code == 403
    actions.set_rules(action, world.alice, allow="127.0.0.1", post_only=True)
    db.session.commit()
    assert (call().status_code, call("POST").status_code) == (405, 409)
    assert [entry.status for entry in actions.calls(action)] == [409, 405, 403, 409]


def test_a_failed_run_is_told(call, world, importer, work):
    importer.mapping = {**importer.mapping, "city": "town"}
    db.session.commit()
    call()
    work()
    answer = call()
    assert answer.status_code == 422 and "no column “town” any more" in answer.text


def test_after_the_gap_a_running_importer_is_queued_once_more(call, turn, world, importer):
    first = call()
    turn(11)
    answer = call()
    assert (answer.status_code, answer.text, answer.headers["X-Maestro-Result"]) == (200, "OK", "queued")
    assert answer.headers["X-Maestro-Run"] == first.headers["X-Maestro-Run"]
    db.session.expire_all()
    assert importer.again and runs() == 1


def test_the_gap_slides_and_can_be_none(call, turn, work, world, importer):
    call()
    work()
    for _ in range(3):
        turn(5)
        assert call().headers["X-Maestro-Result"] == "repeated"
    actions.set_rules(actions.of("import", importer, world.alice), world.alice, gap=0)
    db.session.commit()
    assert call().headers["X-Maestro-Result"] == "started"
    for _ in range(8):
        assert call().headers["X-Maestro-Result"] == "queued"
    assert call().status_code == 429


def test_an_idempotency_key_is_remembered_for_a_day(call, turn, work):
    first = call(headers={"Idempotency-Key": "tuesday"})
    work()
    turn(3600)
    again = call(headers={"Idempotency-Key": "tuesday"})
    assert (again.status_code, again.text, again.headers["X-Maestro-Id"]) == (200, "OK", first.headers["X-Maestro-Id"])
    assert runs() == 1
    turn(11)
    assert call(key="wednesday").headers["X-Maestro-Result"] == "started"


def test_a_refusal_is_not_remembered_with_its_key(call, turn, world, importer):
    importers.disable(importer, by=world.alice)
    db.session.commit()
    assert call(key="tuesday").status_code == 409
    importers.enable(importer, by=world.alice)
    db.session.commit()
    assert call(key="tuesday").headers["X-Maestro-Result"] == "started"


def test_an_undone_run_is_told_as_that(call, work, world):
    call()
    work()
    imports.undo(db.session.query(ImportRun).one(), by=world.alice)
    work()
    assert (call(status="1").text, call().status_code) == ("UNDONE", 422)


@pytest.mark.parametrize("body, kind", [
    (CSV, "text/csv"),
    (b'[{"email": "ann@example.org", "first_name": "Ann"}, {"first_name": "Ben", "email": "ben@example.org"}]',
     "application/json"),
    (b'{"email": "ann@example.org", "first_name": "Ann"}\n{"email": "ben@example.org"}\n', "application/x-ndjson"),
])
def test_a_posted_body_is_imported(client, world, tmp_path, work, body, kind):
    token = token_of(made(world, tmp_path, "post"), world)
    ask = {"query_string": {"token": token, "wait": 0}}
    assert client.get(URL, **ask).status_code == 405
    assert client.post(URL, data=body, content_type=kind, **ask).status_code == 202
    work()
    assert members.find(world.dataset, "ben@example.org")
    assert members.find(world.dataset, "ann@example.org")["first_name"] == "Ann"


@pytest.mark.parametrize("file", ["email,first_name\r\nz@example.org,Zoë\r\n".encode("cp1252"),
                                  "email;first_name\r\nz@example.org;Zoë\r\n".encode("utf-16")])
def test_json_keeps_all_its_letters_whatever_the_example_was_written_in(client, world, tmp_path, work, file):
    importer = made(world, tmp_path, "post")
    tmp_path.joinpath("other.csv").write_bytes(file)
    importers.set_file(importer, sources.take(tmp_path / "other.csv"), "other.csv", by=world.alice)
    db.session.commit()
    ask = {"token": token_of(importer, world), "wait": 0}
    people = [{"email": "lukasz@example.org", "first_name": "Łukasz, “Ł”"}, {"email": "łukasz@example.org"},
              *({"email": f"p{n}@example.org"} for n in range(5))]
    assert client.post(URL, json=people, query_string=ask).status_code == 202
    work()
    assert members.find(world.dataset, "lukasz@example.org")["first_name"] == "Łukasz, “Ł”"
    assert not members.find(world.dataset, "?ukasz@example.org")
    assert client.post(URL, data=file, content_type="text/csv", query_string=ask).status_code == 202
    work()
    assert members.find(world.dataset, "z@example.org")["first_name"] == "Zoë"
    half = client.post(URL, data=b'[{"email": "a@example.org", "first_name": "\\ud800"}]',
                       content_type="application/json", query_string=ask)
    assert half.status_code == 422 and "half a character" in half.text


def test_a_useless_body_is_refused_and_not_kept(client, world, tmp_path):
    importer = made(world, tmp_path, "post")
    kept = len(list(sources.folder().iterdir()))
    for body in (b"[1, 2]", b"[" * 100_000, b"\xff", b"", b'{"rows": 5}', b'[{"a": ' + b"9" * 5000 + b"}]"):
        answer = client.post(URL, data=body, content_type="application/json",
                             query_string={"token": token_of(importer, world)})
        assert answer.status_code == 422 and "list of objects" in answer.text, body[:20]
    importers.disable(importer, by=world.alice)
    db.session.commit()
    assert client.post(URL, data=CSV, query_string={"token": token_of(importer, world)}).status_code == 409
    assert len(list(sources.folder().iterdir())) == kept


def test_another_body_is_never_the_same_call(client, world, tmp_path, work):
    """A shop posts each customer as he comes: within the gap only the very same body is a repetition."""
    token = token_of(made(world, tmp_path, "post"), world)

    def post(address):
        return client.post(URL, json=[{"email": address, "first_name": "A"}], query_string={"token": token, "wait": 0})
    assert post("ann@example.org").headers["X-Maestro-Result"] == "started"
    busy = post("ben@example.org")
    assert busy.status_code == 409 and "Send the data again when it is over" in busy.text
    work()
    assert post("ann@example.org").headers["X-Maestro-Result"] == "repeated"
    assert post("ben@example.org").headers["X-Maestro-Result"] == "started"
    work()
    assert members.find(world.dataset, "ben@example.org") and runs() == 2


def test_foreign_networks_neither_hold_a_token_up_nor_fill_its_log(client, call, turn, work, world, importer):
    """Not even within the gap or with a key that is known does a call from elsewhere get another answer."""
    action = actions.of("import", importer, world.alice)
    actions.set_rules(action, world.alice, allow="127.0.0.1")
    db.session.commit()
    assert call(key="k").status_code == 202
    work()
    foreign = {"environ_overrides": {"REMOTE_ADDR": "198.51.100.9"},
               "query_string": {"token": token_of(importer, world), "key": "k"}}
    asked = [client.get(URL, **foreign).status_code for _ in range(30)]
    assert set(asked) == {403} and client.get(URL, **foreign).status_code == 429
    assert len(actions.calls(action, 100)) == 31
    turn(9)
    assert client.get(URL, **foreign).status_code == 429
    turn(2)
    assert call().headers["X-Maestro-Result"] == "started"


@pytest.mark.parametrize("point", ["call_decided", "call_committed"])
def test_a_call_whose_answer_is_lost_acts_once_when_it_comes_again(client, token, point):
    """The web process dies before the commit, or between the commit and the answer."""
    db.session.remove()
    pid = os.fork()
    if not pid:
        worker.become_child()
        crash.arm(point)
        client.get(URL, query_string={"token": token, "wait": 0})
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    assert runs() == (point == "call_committed")
    answers = [client.get(URL, query_string={"token": token, "wait": 0}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202] and runs() == 1
    assert len({answer.headers["X-Maestro-Run"] for answer in answers}) == 1


def test_of_many_calls_at_once_one_acts(app, importer, token):
    """Twenty threads decide about the same token; each of them commits by itself."""
    answers = []

    def ask():
        with app.app_context():
            answers.append(deciding.decide(calls.Call(token, "GET", "127.0.0.1")))
            db.session.commit()
            db.session.remove()
    db.session.commit()
    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.result for answer in answers) == ["repeated"] * 19 + ["started"]
    assert len({answer.run for answer in answers}) == 1 and runs() == 1
    assert db.session.query(ActionCall).count() == 20
