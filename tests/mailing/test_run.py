"""A job on its way out, beside an import that is changing the same people."""

from maestro.extensions import db
from maestro.mailing import authorise, run
from tests.writing import ready


def test_a_job_waits_ten_minutes_for_an_import_and_then_says_that_it_goes_out_without_it(world, work, turn):
    job = ready(world)
    authorise.authorise(job, "now", world.alice, grace=0)
    world.dataset.busy_run_id = 1
    db.session.commit()
    for _ in range(3):
        run.send(job.id)
    turn(590)
    run.send(job.id)
    db.session.refresh(job)
    assert (job.phase, job.audience) == ("launching", 0)
    turn(20)
    work()
    db.session.refresh(job)
    assert (job.phase, job.audience) == ("done", 1) and job.problem.startswith("An import was still changing")
