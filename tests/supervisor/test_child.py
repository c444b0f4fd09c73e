"""How long a process that keeps ending is left alone."""

import pytest

from maestro.supervisor.child import ending, pause


def test_the_pause_doubles_up_to_half_a_minute():
    pauses = [0]
    for _ in range(7):
        pauses.append(pause(pauses[-1], lasted=0.1))
    assert pauses[1:] == [1, 2, 4, 8, 16, 30, 30]


@pytest.mark.parametrize("lasted, expected", [(59, 16), (60, 1), (3600, 1)])
def test_a_process_that_ran_for_a_minute_counts_as_well(lasted, expected):
    assert pause(8, lasted) == expected


@pytest.mark.parametrize("status, words", [(0, "ended with status 0"), (3, "ended with status 3"),
                                           (-9, "was killed by SIGKILL"), (-15, "was killed by SIGTERM")])
def test_the_log_says_how_it_ended(status, words):
    assert ending(status) == words
