"""What imports are tested with, here too."""

from tests.exchange.conftest import bring_in, draft  # noqa: F401
