#!/bin/sh
# Makes .venv and installs the packages of the requirements file given, each checked by its hash.
set -eu

python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    echo "Maestro needs Python 3.11 or newer; here is $(python3 --version 2>/dev/null || echo none)." >&2
    return 1
}

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    chosen=$(python)
    if ! "$chosen" -m venv --clear .venv; then
        echo "$chosen cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 1
    fi
fi
echo "Installing the packages of $1."
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$1"
