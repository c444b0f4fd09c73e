# ruff: noqa: S608 - only whole numbers and checked names become a part of a statement
"""The statements by which a sender moves one job's recipients. They are prepared once for each slice of a job.

Only whole numbers of ours and checked column names are written into the text; all values are parameters.
A row may be handed over only while its chunk is held under the fence it was claimed with, by the database's clock, and
while its person is on the list (or in the dataset), does not pause, and is not suppressed.
"""

from functools import partial
from types import SimpleNamespace

from maestro.delivery.judge import ACCEPTED, HANDED, QUEUED, RENDER_ERROR, SUPPRESSED, UNKNOWN
from maestro.models import MEMBERSHIPS

CONFIRMED = MEMBERSHIPS.index("confirmed")
OPEN, TAKEN, CLOSED = range(3)                     # Chunk.state
LEASE = 60                                         # seconds; renewed after a quarter of it
AGAIN = "CASE WHEN x.state = 0 THEN NULL ELSE {now} END"

KEY = {"number": "int", "chunk": "int", "fence": "bigint"}
OUTCOME = {"number": "int", "fence": "bigint", "state": "smallint", "code": "int", "reply": "text", "tried": "int",
           "wait": "float8"}
SPOILT = {**KEY, "reply": "text"}
KEPT = {**KEY, "address": "text", "subject": "text", "file": "text", "place": "bigint", "length": "int"}


def build(order, dialect):
    """Every statement for `order` (an Order), filled with what is the same all along."""
    names = SimpleNamespace(
        job=int(order.job), same=dialect.same(int(order.job)), group=int(order.group),
        recipient=dialect.recipients(order.job), now=dialect.now,
        moment=dialect.moment, lease=LEASE, objects=dialect.objects, lock=dialect.lock, skip=dialect.skip,
        columns="".join(f', m."{name}"' for name in order.fields), people=dialect.people(order.dataset))
    names.suppressed = LISTED.format(**vars(names))
    place, awake = (ON_LIST, AWAKE_LISTED) if order.list else (IN_DATASET, AWAKE)
    names.on = place.format(**vars(names), confirmed=CONFIRMED, awake="")
    awake = awake.format(**vars(names), dataset=int(order.dataset))
    names.belongs = place.format(**vars(names), confirmed=CONFIRMED, awake=awake)
    names.held = HELD.format(**vars(names))
    names.tally = TALLY.format(**vars(names))
    names.left = LEFT.format(**vars(names))
    names.again = AGAIN.format(**vars(names))
    rows = partial(dialect.rows, int(order.job))
    sources = {"key": rows(1, **KEY), "outcome": rows(1, **OUTCOME), "spoilt": rows(1, **SPOILT),
               "kept": rows(1, **KEPT), "after_outcome": rows(8, **KEY)}
    return SimpleNamespace(**{
        name.lower(): " ".join(text.format(**vars(names), **sources).split()) for name, text in TEXTS.items()})


LISTED = """EXISTS (SELECT 1 FROM suppression s WHERE s.address_key = r.address_key AND s.group_id IN (0, {group}))"""
ON_LIST = """EXISTS (SELECT 1 FROM subscription u WHERE u.id = r.subscription_id AND u.state = {confirmed}{awake})"""
IN_DATASET = """EXISTS (SELECT 1 FROM {people} u WHERE u.id = r.member_id AND u.state = {confirmed}){awake}"""
AWAKE_LISTED = " AND (u.paused_until IS NULL OR u.paused_until <= {moment})"
AWAKE = """ AND coalesce((SELECT a.paused_until FROM account a WHERE a.dataset_id = {dataset}
    AND a.member_id = r.member_id) <= {moment}, true)"""
HELD = f"""JOIN chunk c ON c.job_id = {{same}} AND c.number = x.chunk AND c.fence = x.fence
    WHERE r.job_id = {{same}} AND r.number = x.number AND r.state = {QUEUED}
    AND c.state + 0 = {TAKEN} AND c.lease_until > {{now}}"""
SENDING = """EXISTS (SELECT 1 FROM mail_job j WHERE j.id = {job} AND j.phase IN ('sending', 'finishing'))"""
TALLY = """(SELECT CAST({objects}(state, n) AS text) FROM (SELECT r.state, count(*) AS n FROM {recipient} r
    WHERE r.job_id = {job} AND r.number BETWEEN chunk.low AND chunk.high GROUP BY r.state ORDER BY r.state) t)"""
LEFT = f"""(SELECT min(r.next_at) FROM {{recipient}} r
    WHERE r.job_id = {{job}} AND r.number BETWEEN chunk.low AND chunk.high AND r.state = {QUEUED})"""
INTENT = f"""
    UPDATE {{recipient}} AS r SET state = {HANDED}, handed_at = {{now}}, fence = x.fence
    FROM {{key}} {{held}} AND {SENDING} AND NOT {{suppressed}} AND {{belongs}}"""
INDEX = """
    INSERT INTO outbox_message (created_at, group_id, job_id, recipient, address, subject, file, "offset", length)
    SELECT {moment}, {group}, {job}, x.number, x.address, x.subject, x.file, x.place, x.length FROM {kept} """

TEXTS = {
    "CLAIM": f"""
        UPDATE chunk SET state = {TAKEN}, owner = $1, fence = fence + 1, tally = NULL, lease_until = {{now}} + {{lease}}
        WHERE id = (SELECT id FROM chunk WHERE job_id = {{job}} AND state = {OPEN} AND next_at <= {{now}}
                    AND {SENDING} ORDER BY number LIMIT 1 {{skip}})
        RETURNING number, fence, low, high""",
    "READ": f"""
        SELECT r.number, r.attempt, r.address, r.member_id, r.subscription_id, m.epoch {{columns}}
        FROM {{recipient}} r LEFT JOIN {{people}} m ON m.id = r.member_id
        WHERE r.job_id = {{job}} AND r.number BETWEEN $1 AND $2 AND r.state = {QUEUED} AND r.next_at <= {{now}}""",
    "OUTCOME": f"""
        UPDATE {{recipient}} AS r SET state = x.state, code = x.code, reply = x.reply, attempt = r.attempt + x.tried,
            next_at = {{now}} + x.wait, done_at = {{again}}
        FROM {{outcome}}
        WHERE r.job_id = {{same}} AND r.number = x.number AND r.fence = x.fence AND r.state = {HANDED}""",
    "INTENT": INTENT,
    "INTENT_AFTER": INTENT.replace("{key}", "{after_outcome}"),
    "GRANTED": f"""
        SELECT r.number FROM {{key}} JOIN {{recipient}} r ON r.job_id = {{same}} AND r.number = x.number
        WHERE r.fence = x.fence AND r.state = {HANDED}""",
    "KEEP": f"""
        UPDATE {{recipient}} AS r SET state = {ACCEPTED}, handed_at = {{now}}, done_at = {{now}}, fence = x.fence,
            attempt = r.attempt + 1, reply = 'kept in the Outbox'
        FROM {{kept}} {{held}} AND {SENDING} AND NOT {{suppressed}} AND {{belongs}}""",
    "INDEX": INDEX + "JOIN i ON i.number = x.number",
    "INDEX_KEPT": INDEX + f"""
        JOIN {{recipient}} r
        ON r.job_id = {{same}} AND r.number = x.number AND r.fence = x.fence AND r.state = {ACCEPTED}""",
    "INDEXED": """SELECT x.number FROM {kept} JOIN outbox_message o
        ON o.job_id = {same} AND o.recipient = x.number AND o.file = x.file AND o."offset" = x.place""",
    "LEAVE_OUT": f"""
        UPDATE {{recipient}} AS r SET state = {SUPPRESSED}, done_at = {{now}},
            reply = CASE WHEN {{suppressed}} THEN 'suppressed' WHEN {{on}} THEN 'pauses' ELSE 'left the list' END
        FROM {{key}} {{held}} AND ({{suppressed}} OR NOT ({{belongs}}))""",
    "SPOIL": f"""
        UPDATE {{recipient}} AS r SET state = {RENDER_ERROR}, done_at = {{now}}, reply = x.reply
        FROM {{spoilt}} {{held}}""",
    "PHASE": "SELECT phase FROM mail_job WHERE id = {job}",
    "RENEW": f"""
        UPDATE chunk SET lease_until = {{now}} + {{lease}} WHERE job_id = {{job}} AND state = {TAKEN} AND owner = $1""",
    "LOCK": f"""
        SELECT 1 FROM chunk WHERE job_id = {{job}} AND number = $1 AND fence = $2 AND state = {TAKEN} {{lock}}""",
    "DOUBT": f"""
        UPDATE {{recipient}} SET state = {UNKNOWN}, done_at = {{now}}
        WHERE job_id = {{job}} AND number BETWEEN $3 AND $4 AND state = {HANDED} AND EXISTS (SELECT 1 FROM chunk c
            WHERE c.job_id = {{job}} AND c.number = $1 AND c.fence = $2 AND c.state = {TAKEN})""",
    "CLOSE": f"""
        UPDATE chunk SET owner = '', tally = {{tally}},
            state = CASE WHEN {{left}} IS NULL THEN {CLOSED} ELSE {OPEN} END, next_at = coalesce({{left}}, 0)
        WHERE job_id = {{job}} AND number = $1 AND fence = $2 AND state = {TAKEN}""",
    "UNTALLY": """UPDATE chunk SET tally = NULL WHERE job_id = {job} AND number = $1""",
    "LATE": f"""
        UPDATE {{recipient}} AS r SET state = x.state, code = x.code, reply = x.reply, attempt = r.attempt + x.tried,
            next_at = {{now}} + x.wait, done_at = {{again}}
        FROM {{outcome}} WHERE r.job_id = {{same}} AND r.number = x.number AND r.fence = x.fence AND r.state = {UNKNOWN}
        AND x.state <> {QUEUED}""",
    "DELAY": f"""
        UPDATE chunk SET next_at = {{now}} + $1 WHERE job_id = {{job}} AND state = {OPEN} AND next_at < {{now}} + $1""",
}
