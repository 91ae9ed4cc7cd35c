#!/usr/bin/env bash
# A commune and three hamlets on this machine: one joined by fiber, one by a stick that a courier carries, one by LoRa on
# emulated RNodes. Shows records arrive, a state come back and receipts land, then leaves all four serving until Ctrl-C.
# Started by ./run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

: "${KHUOI:?the program; ./run sets it}"
dir=$PWD/.khuoi/demo
stick=$dir/stick
export KHUOI_PASSPHRASE='suối đá cọn nước'  # of a demo whose data is made up
submissions=${KHUOI_DEMO_SUBMISSIONS:-100}

started=()
stop_all() {
  trap - EXIT INT TERM
  [ "${#started[@]}" = 0 ] || kill -TERM "${started[@]}" 2>/dev/null || true
  wait || true
}
trap stop_all EXIT
trap 'exit 0' INT TERM

say() { printf '%s\n' "$*"; }
khuoi() { "$KHUOI" "$@"; }

# until_true SECONDS WHAT COMMAND...: waits for another program to get somewhere.
until_true() {
  local tries=$(($1 * 10)) what=$2
  shift 2
  until "$@"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { say "The demo waited too long for $what; the logs are in $dir." >&2; exit 1; }
    sleep 0.1
  done
}

# field NAME: takes one field of a JSON object on standard input.
field() { python3 -c 'import json, sys; print(json.load(sys.stdin).get(sys.argv[1]))' "$1"; }
# count_in STATE [DATA]: how many dossiers a node shows in a state.
count_in() {
  khuoi list --data "$2" --json |
    python3 -c 'import json, sys; print(sum(row["state"] == sys.argv[1] for row in json.load(sys.stdin)))' "$1"
}
nothing_waits() { [ "$(khuoi status --data "$1" --json | field waiting)" = 0 ]; }
shows_state() { khuoi show --data "$1" "$2" --json 2>/dev/null | field state | grep -qx "$3"; }
knows_forms() { [ "$(khuoi form list --data "$1" --json | grep -c ho_so_mot_cua)" -gt 0 ]; }

# on_air NODE...: milliseconds that their radios were on the air in the last hour.
on_air() {
  local node
  for node in "$@"; do khuoi status --data "$dir/$node" --json; done |
    python3 -c 'import json, re, sys
links = [one for text in re.split(r"(?<=})\s*(?={)", sys.stdin.read()) if text.strip() for one in json.loads(text)["links"]]
print(sum(one["figures"]["airtime_ms"] for one in links if one["kind"] == "radio"))'
}

air_is_ready() { grep -qx ready "$dir/air.log" 2>/dev/null; }
knows_announcement() { khuoi announce list --data "$1" --json | grep -q "$2"; }
plays_announcement() { khuoi announce play --data "$1" "$2" >/dev/null 2>&1; }
has_sound_card() { grep -q '^ *[0-9]' /proc/asound/cards 2>/dev/null; }
sound_written() { compgen -G "$1/spoken/*.wav" >/dev/null; }

# serve NAME OPTION...: starts a node's service; its log is beside its data.
serve() {
  local data=$dir/$1
  shift
  # Not through the function above: its subshell would take the signal meant for the program.
  "$KHUOI" serve --data "$data" --http 127.0.0.1:0 "$@" >"$data.log" 2>&1 &
  started+=($!)
  until_true 30 "the service of $data" test -s "$data/run/http"
}

# enrol NODE NAME: with the digits that two people would read to each other.
enrol() {
  local hamlet=$dir/$1 theirs ours
  khuoi init --data "$hamlet" --role hamlet --name "$2" >/dev/null
  theirs=$(khuoi enrol request --data "$hamlet" --out "$hamlet.request")
  ours=$(khuoi status --data "$dir/commune" --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["fingerprint"])')
  khuoi enrol grant --data "$dir/commune" --in "$hamlet.request" --out "$hamlet.grant" --fingerprint "${theirs#*: }" >/dev/null
  khuoi enrol accept --data "$hamlet" --in "$hamlet.grant" --fingerprint "$ours" >/dev/null
}

# carry NODE: the stick goes to a node, is synced there and pulled.
carry() {
  khuoi stick sync --data "$dir/$1" "$stick" --json |
    python3 -c 'import json, sys; r = json.load(sys.stdin); print("   stick at", sys.argv[1] + ":", r["records_in"],
      "records in,", r["records_out"], "out,", r["bytes_out"], "octets written")' "$1"
}

# ---- set up ---------------------------------------------------------------------------------------------------------

rm -rf "$dir"
mkdir -p "$stick"
say "1. A commune, four forms, and three hamlets that enrol."
khuoi init --data "$dir/commune" --role commune --name "Sảng Mộc" >/dev/null
khuoi unit set --data "$dir/commune" 000.00.12.H56 >/dev/null
for form in tests/data/forms/*.xml; do
  domain=general
  case $form in */kham_suc_khoe*) domain=health ;; esac
  khuoi form add --data "$dir/commune" "$form" --domain "$domain" >/dev/null
done
enrol meo "Khuổi Mèo"
enrol lay "Nà Lay"
enrol nam "Nặm Cắt"

# Emulated RNodes in one air; it ends when nobody holds its input any more.
mkdir -p "$dir/air"
mkfifo "$dir/air.in"
exec 8<>"$dir/air.in"
"$(dirname "$KHUOI")/khuoi-sim" --air "$dir/air" --modems commune,nam <"$dir/air.in" >"$dir/air.log" 2>&1 &
started+=($!)
until_true 30 "the emulated radios" air_is_ready
for node in commune nam; do printf '[radio]\nspreading_factor = 7\n' >>"$dir/$node/config.toml"; done

serve commune --listen 127.0.0.1:0 --radio "rnode:$dir/air/commune"
until_true 30 "the commune's fiber port" test -s "$dir/commune/run/listen"
# A box without a sound card and without a player named for it has no loudspeaker, and says so.
has_sound_card || printf '[speaker]\nplayer = "file:spoken"\n' >"$dir/meo/config.toml"
serve meo --contact "$(cat "$dir/commune/run/listen")"
serve lay
serve nam --radio "rnode:$dir/air/nam"

say "2. The forms reach Khuổi Mèo by fiber, Nà Lay and Nặm Cắt by stick."
until_true 60 "the forms at Khuổi Mèo" knows_forms "$dir/meo"
carry commune
carry lay
carry nam

# ---- a day ----------------------------------------------------------------------------------------------------------

say "3. $submissions forms are filled at the two hamlets; each is durable when its id is printed."
python3 tests/support/gen_submissions.py "$dir/filled" --n "$submissions" >/dev/null
mapfile -t filled < <(printf '%s\n' "$dir"/filled/*.xml)
half=$((${#filled[@]} / 2))
khuoi submit --data "$dir/meo" "${filled[@]:0:half}" >"$dir/meo.ids"
khuoi submit --data "$dir/lay" "${filled[@]:half}" >"$dir/lay.ids"

say "4. Khuổi Mèo's arrive by fiber, and their receipts come back."
until_true 60 "the receipts at Khuổi Mèo" nothing_waits "$dir/meo"
say "5. A courier carries Nà Lay's to the commune, and the receipts back."
carry lay
carry commune
carry lay
nothing_waits "$dir/lay" || { say "Nà Lay still waits for receipts." >&2; exit 1; }

say "6. The clerk accepts one dossier of each hamlet; the answers go back the same ways."
first_meo=$(head -n 1 "$dir/meo.ids")
first_lay=$(head -n 1 "$dir/lay.ids")
for id in "$first_meo" "$first_lay"; do
  khuoi state --data "$dir/commune" "$id" --set accepted --note "Đã nhận đủ giấy tờ." >/dev/null
done
until_true 60 "the answer at Khuổi Mèo" shows_state "$dir/meo" "$first_meo" accepted
carry commune
carry lay
shows_state "$dir/lay" "$first_lay" accepted || { say "The answer did not reach Nà Lay." >&2; exit 1; }

say "7. Nặm Cắt has neither fiber nor courier today: three forms go by radio, and an answer comes back."
python3 tests/support/gen_submissions.py "$dir/by-radio" --n 3 --seed 3 >/dev/null
khuoi submit --data "$dir/nam" "$dir"/by-radio/*.xml >"$dir/nam.ids"
until_true 120 "what the commune received by radio" nothing_waits "$dir/nam"
first_nam=$(head -n 1 "$dir/nam.ids")
khuoi state --data "$dir/commune" "$first_nam" --set accepted >/dev/null
until_true 120 "the answer at Nặm Cắt" shows_state "$dir/nam" "$first_nam" accepted
say "   both radios together were on the air for $(on_air commune nam) ms"

say "8. The commune announces something, and Khuổi Mèo's loudspeaker says it."
said=$(khuoi announce --data "$dir/commune" --text 'Sáng mai 8h tiêm phòng trâu, bò tại nhà văn hoá xóm Khuổi Mèo.')
until_true 60 "the announcement at Khuổi Mèo" knows_announcement "$dir/meo" "$said"
# The commune's time comes in whole seconds: for a moment the announcement may be issued later than now.
until_true 10 "Khuổi Mèo's loudspeaker to take the announcement" plays_announcement "$dir/meo" "$said"
if ! has_sound_card; then
  until_true 60 "the loudspeaker at Khuổi Mèo" sound_written "$dir/meo"
  say "   no sound card here, so it is written down: $(compgen -G "$dir/meo/spoken/*.wav" | tail -n 1)"
fi

say "9. Two people get accounts at the commune's desk: a clerk, and a nurse who alone reads what is of health."
export KHUOI_NEW_PASSPHRASE=$KHUOI_PASSPHRASE
khuoi account add --data "$dir/commune" 'Lường Thị Mai' --may clerk --person 'Sảng Mộc' >/dev/null 2>&1
khuoi account add --data "$dir/commune" 'Triệu Thị Sính' --may health --person 'Sảng Mộc' >/dev/null 2>&1
export KHUOI_PERSON='Sảng Mộc'

# ---- where to look --------------------------------------------------------------------------------------------------

say ""
accepted=$(count_in accepted "$dir/commune")
say "All $((submissions + 3)) dossiers are at the commune: $accepted accepted, $((submissions + 3 - accepted)) wait for the clerk."
say "   Sảng Mộc (commune)   http://$(cat "$dir/commune/run/http")   fiber $(cat "$dir/commune/run/listen")"
say "   Khuổi Mèo (fiber)    http://$(cat "$dir/meo/run/http")"
say "   Nà Lay (stick)       http://$(cat "$dir/lay/run/http")"
say "   Nặm Cắt (radio)      http://$(cat "$dir/nam/run/http")"
say "   data and logs        $dir        the stick   $stick/KHUOI"
say "   the passphrase of all is: $KHUOI_PASSPHRASE"
say "At the commune log in as Sảng Mộc (administrator), Lường Thị Mai (clerk) or Triệu Thị Sính (health); the latter two"
say "choose a passphrase of their own first."
say "Try:  build/release/bin/khuoi list --data .khuoi/demo/commune --person 'Sảng Mộc'"
say "Ctrl-C ends it."
[ "${KHUOI_DEMO_ONCE:-}" = "" ] || exit 0
wait
