#!/bin/sh
# From an empty installation to a delivered mailing and a change-log line, by commands alone.
# Usage: tour.sh FLASK FOLDER, with a Maestro running on the same environment.
set -eu
flask=$1
work=$2

answer() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }

cd "$work"
cat > people.csv <<CSV
Email;Name;Town;Joined
ann@example.org;Ann;Bristol;2026-01-02
bob@example.org;Bob;York;2026-02-03
dee@example.org;Dee;York;2026-02-03
zoë@example.org;Zoë;York;2026-02-03
el@example.org;El;York;
cy@example.org;;Bristol;
CSV
cat > spring.html <<HTML
<html><body><p>Hello {{first_name|friend}}, <a href="https://www.example.org/spring">look</a>.</p>
.BB &CITY = "York"
<p>See you in York.</p>
.EB
<p><a href="{{*UnsubscribeURL}}">Unsubscribe</a></p></body></html>
HTML
printf 'Hello {{first_name|friend}}\n{{*UnsubscribeURL}}\n' > spring.txt

printf 'correct horse battery 7\n' | $flask setup --email root@example.org --organisation "Fern Ltd" \
    --address "12 Mill Lane, Bristol" --zone Europe/Berlin --language en --json
$flask group-create News --json
printf 'correct horse battery 8\n' | $flask user-create alice@example.org --group News --role manager --json
dataset=$($flask dataset-create Customers --group News --json | answer id)
list=$($flask list-create Offers --dataset "$dataset" --json | answer id)
$flask field-create first_name --dataset "$dataset" --type text --json
$flask field-create city --dataset "$dataset" --type choice --choices Bristol,York --json
$flask field-create joined_us --list "$list" --type date --json

import() {
    $flask import people.csv --list "$list" --map address=Email --map first_name=Name --map city=Town \
        --map joined_us=Joined --mode add-update --json "$@"
}
test "$(import --dry-run | answer added)" = 5
$flask count --list "$list" --json
test "$($flask count --list "$list" --json | answer confirmed)" = 0
test "$(import | answer rejected)" = 1
test "$($flask count --list "$list" --json | answer confirmed)" = 5
test "$(import | answer unchanged)" = 5
$flask person ann@example.org --dataset "$dataset" --json
$flask export --list "$list" --format csv > export.csv
test "$(wc -l < export.csv)" = 6
$flask export --dataset "$dataset" --format jsonl > export.jsonl
test "$(wc -l < export.jsonl)" = 5

job=$($flask job-create --title Spring --list "$list" --subject 'Hello {{first_name|friend}}' --html spring.html \
    --text spring.txt --from news@example.org --json | answer id)
if $flask job-authorise "$job" --now --grace 0 --json; then echo "authorised without a test"; exit 1; fi
$flask job-test "$job" --to me@example.org --json
$flask job-accept-test "$job" --json
$flask job-authorise "$job" --now --grace 0 --json
$flask wait job "$job" --until done --timeout 60 --json
$flask job-show "$job" --json
test "$($flask job-recipients "$job" --state accepted | wc -l)" = 5
$flask outbox-export --job "$job" --to mails --json
test "$(ls mails/*.eml | wc -l)" = 5

$flask changelog --since 0 --format text > changes.txt
test "$(grep -c ' ADD ' changes.txt)" = 10
$flask changelog --since 0 --format csv > changes.csv
$flask changelog --since 3 --dataset "$dataset" --format jsonl > changes.jsonl
test "$(wc -l < changes.jsonl)" = 7
test "$($flask erasures-replay --json)" = '{"erased": 0, "barred": 0}'
$flask doctor --json

set +e
$flask person nobody@example.org --dataset "$dataset" --json; test $? = 3 || exit 1
$flask count --json; test $? = 2 || exit 1
$flask wait job "$job" --until open --timeout 0.5 --json; test $? = 75 || exit 1
echo "The tour is done."
