#!/bin/sh
# Brings what the tests need from Debian and no package registry has: PostgreSQL, MariaDB, Chromium, and Postfix's smtp-sink.
# Installs only what is missing, starts no service; without root it says what to install.
set -eu
tools=.tools

missing=""
[ -x "$(command -v initdb || ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -n 1)" ] || missing="$missing postgresql"
[ -x "$(command -v mariadbd || echo /usr/sbin/mariadbd)" ] || missing="$missing mariadb-server"
command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing="$missing chromium"

install() {
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "The tests need these packages; please install them: $*" >&2
        exit 1
    fi
    echo "Installing $*."
    if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        mkdir -p /etc/postgresql-common
        echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf
    fi
    if [ ! -e /usr/sbin/policy-rc.d ]; then        # while this runs, Debian starts no service
        printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
        chmod +x /usr/sbin/policy-rc.d
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
        -o Dpkg::Options::=--force-confold "$@" >/dev/null
}

[ -z "$missing" ] || install $missing

# Unpacked beside the code and never configured: no mail server is installed.
if [ ! -x "$tools/usr/sbin/smtp-sink" ]; then
    echo "Unpacking Postfix's test programs."
    mkdir -p "$tools/packages"
    (cd "$tools/packages" && { apt-get -qq download postfix || { apt-get -qq update && apt-get -qq download postfix; }; })
    dpkg -x "$tools"/packages/postfix_*.deb "$tools"
    if LD_LIBRARY_PATH=$tools/usr/lib/postfix ldd "$tools/usr/sbin/smtp-sink" | grep -q "not found"; then
        libraries=$(dpkg-deb -f "$tools"/packages/postfix_*.deb Depends | tr , '\n' | sed -n 's/^ *\(lib[^ ]*\).*/\1/p')
        install $libraries
    fi
    rm -r "$tools/packages"
fi
