"""How long tests with made-up examples search: briefly by default, longer with `--hypothesis-profile long`."""

from hypothesis import HealthCheck, settings

PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]}

settings.register_profile("short", max_examples=200, **PATIENT)
settings.register_profile("long", max_examples=20_000, **PATIENT)
settings.load_profile("short")
