from maestro import leases


def test_one_holds_a_lease_and_another_waits_until_it_is_over(app, monkeypatch):
    assert leases.take("scheduler", 60)
    assert leases.take("scheduler", 60)                      # renewing is taking
    monkeypatch.setattr(leases, "OWNER", "elsewhere:1")
    assert not leases.take("scheduler", 60)
    assert leases.age("scheduler") < 0


def test_a_lease_given_back_or_run_out_is_free(app, monkeypatch):
    assert leases.take("scheduler", 60)
    leases.give_back("scheduler")
    monkeypatch.setattr(leases, "OWNER", "elsewhere:1")
    assert leases.take("scheduler", -1)
    monkeypatch.setattr(leases, "OWNER", "elsewhere:2")
    assert leases.take("scheduler", 60)


def test_a_lease_that_nobody_took_has_no_age(app):
    assert leases.age("nobody's") is None
