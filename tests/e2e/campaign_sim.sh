#!/usr/bin/env bash
# The simulated commune: ./test runs its smoke, ./test sim [SEEDS [FIRST]] the whole campaign of 10,000 seeds, and half as
# many with radios.
# The smoke also builds the simulator with one receipt check taken out, and that one must fail.
set -euo pipefail
mode=${1:-full}
jobs=$(nproc)

if [ "$mode" = full ]; then
  seeds=${2:-10000}
  "$KHUOI_SIM" --swarm "$seeds" --first "${3:-1}" --jobs "$jobs" --keep-going
  exec "$KHUOI_SIM" --swarm $(((seeds + 1) / 2)) --first "${3:-1}" --jobs "$jobs" --radio --keep-going
fi

seeds=200
"$KHUOI_SIM" --swarm "$seeds" --jobs "$jobs" --keep-going
"$KHUOI_SIM" --swarm 60 --jobs "$jobs" --radio --keep-going
"$KHUOI_SIM" --radio-acceptance

same=$("$KHUOI_SIM" --seed 7)
[ "$same" = "$("$KHUOI_SIM" --seed 7)" ] || { echo "seed 7 lived two different lives"; exit 1; }

planted=$KHUOI_ROOT/build/planted
cmake -S "$KHUOI_ROOT" -B "$planted" -G Ninja -DCMAKE_BUILD_TYPE=Release -DKHUOI_TESTS=OFF -DKHUOI_UNITY=ON \
  -DKHUOI_PLANTED_BUG=receipt_check >"$KHUOI_TMP/configure.log" || { cat "$KHUOI_TMP/configure.log"; exit 1; }
ninja -C "$planted" -j "$jobs" khuoi-sim >"$KHUOI_TMP/build.log" || { tail -n 40 "$KHUOI_TMP/build.log"; exit 1; }
code=0
"$planted/bin/khuoi-sim" --swarm "$seeds" --jobs "$jobs" >"$KHUOI_TMP/planted.log" 2>&1 || code=$?
tail -n 4 "$KHUOI_TMP/planted.log"
if [ "$code" != 1 ] || ! grep -q '^VIOLATION seed=' "$KHUOI_TMP/planted.log"; then
  echo "the simulator does not notice that a receipt check is missing"
  exit 1
fi
echo "the planted bug was found"
