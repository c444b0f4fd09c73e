"""What a marketer or a subscriber's value puts into a mail runs nowhere: not in the preview, not in the admin page."""

import pytest

from maestro.extensions import db
from maestro.mailing import jobs, preview
from maestro.models import MailJob

RUN = "new Image().src='/canary'"
ATTACKS = [
    f"<script>{RUN}</script>", f'<img src="x:" onerror="{RUN}">', f'<svg onload="{RUN}"></svg>',
    f'<body onload="{RUN}">',
    f'<iframe srcdoc="<script>{RUN}</script>"></iframe>', f'<iframe src="javascript:{RUN}"></iframe>',
    f'<a href="javascript:{RUN}" autofocus onfocus="{RUN}">x</a>', f'<details open ontoggle="{RUN}">x</details>',
    f'<video><source onerror="{RUN}"></video>', f'<object data="javascript:{RUN}"></object>',
    f'<embed src="javascript:{RUN}">', f'<meta http-equiv="refresh" content="0;url=javascript:{RUN}">',
    '<form action="/canary"><input autofocus></form>',
    '<base href="javascript:/"><script src="canary"></script>', f'<marquee onstart="{RUN}">x</marquee>',
    '<style>@import "/canary";</style>', f'</title></textarea><script>{RUN}</script>',
    f"<math><mtext><script>{RUN}</script></mtext></math>", f'<input onfocus="{RUN}" autofocus>',
    '<link rel="stylesheet" href="/canary">',
]


@pytest.fixture
def attacks(live):
    """The pages that show each attack: the frame itself, and the job's page around it."""
    with live.app.app_context():
        user = db.session.get(MailJob, live.things["job_id"]).user
        found = []
        for html in ATTACKS:
            job = jobs.create(user.group, html[:200], user, html=html, subject=html[:400], from_address="a@example.org",
                              from_name=html[:120])
            found.append((preview.link("job", job.id), f"{live.url}/admin/jobs/{job.id}?tab=preview"))
        db.session.commit()
        yield found
        for job in db.session.query(MailJob).filter(MailJob.from_address == "a@example.org"):
            job.archived_at = job.created_at
        db.session.commit()


def test_nothing_that_is_written_into_a_mail_runs(chromium, live, attacks):
    context = chromium.new_context()
    context.add_cookies(live.cookies)
    page, hit = context.new_page(), []
    page.on("response", lambda answer: hit.append(answer.url) if "canary" in answer.url else None)
    for frame, around in attacks:
        page.goto(frame)
        page.goto(around)
        page.wait_for_load_state("networkidle")
    context.close()
    assert not hit
