# Functions that ./run and ./test share. Source it; it finds the project's root by itself.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
export LC_ALL=C.UTF-8
# Of a sanitizer's report, the stack says more than the picture of the memory around it.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}print_legend=0
# A clone in another folder may use what an earlier one compiled.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1

assume_yes=${CI:-false}
[ "$assume_yes" = true ] || [ "$assume_yes" = 1 ] || assume_yes=false

say() { printf '%s\n' "$*" >&2; }
die() { say "$1"; exit "${2:-1}"; }

# ---- packages -------------------------------------------------------------------------------------------------------

installed() { dpkg-query -W -f='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "Installing packages needs root: install sudo, or run once as root: $*"
  fi
}

# Boost 1.81 and 1.74 cannot both be installed: installing the one removes the other, so a person must agree.
agree_to_boost() {
  installed libboost1.74-dev || return 0
  say "libboost1.74-dev is installed here. khuoi needs libboost1.81-dev, and Debian keeps only one of the two:"
  say "installing 1.81 removes 1.74's development files (programs already built keep working)."
  [ "$assume_yes" = false ] || return 0
  [ -t 0 ] || die "Start again with --yes to agree."
  local answer
  read -r -p "Replace it? [y/N] " answer
  case $answer in [yY]*) ;; *) die "Nothing was installed." ;; esac
}

# install_packages LIST...: what is missing of the lists' packages. Takes a tenth of a second when nothing is.
install_packages() {
  command -v dpkg-query >/dev/null ||
    die "khuoi is built on Debian 12; here its packages must be installed by hand. They are listed in .ci/packages-*."
  local wanted have missing
  wanted=$(cat "$@" | grep -v '^#' | sort -u)
  # shellcheck disable=SC2086  # one word a package
  have=$(dpkg-query -W -f='${binary:Package} ${db:Status-Status}\n' $wanted 2>/dev/null |
    sed -n 's/^\([^ :]*\)\(:[^ ]*\)\? installed$/\1/p' | sort -u || true)
  missing=$(comm -23 <(printf '%s\n' "$wanted") <(printf '%s\n' "$have"))
  [ -n "$missing" ] || return 0
  agree_to_boost
  say "Installing: $(printf '%s ' $missing)"
  as_root apt-get update -q >&2 || say "apt-get update failed; trying with the package lists that are here."
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing >&2 ||
    die "apt-get could not install what is missing; see its messages above."
}

# ---- building -------------------------------------------------------------------------------------------------------

# Compiling Boost.Asio with sanitizers takes up to 2 GB a job.
build_jobs() {
  local cores by_memory
  cores=$(nproc)
  by_memory=$(awk '/^MemAvailable/ { print int($2 / 2000000) }' /proc/meminfo)
  [ "${by_memory:-1}" -ge 1 ] || by_memory=1
  echo $((cores < by_memory ? cores : by_memory))
}

# build PRESET [TARGET...]: configures once, then builds; goes on past a broken target so that the rest can be judged.
build() {
  local preset=$1
  shift
  if [ ! -f "build/$preset/build.ninja" ]; then cmake --preset "$preset"; fi
  ninja -C "build/$preset" -k 0 -j "$(build_jobs)" "$@"
}

# ---- steps: run, log, count -----------------------------------------------------------------------------------------

passed=0
failed=0
logs=$root/build/logs

# excerpt LOG [TEST]: what a person wants to see first of a failure. A build's errors stand far above its last line,
# and ctest's log holds the output of every test.
excerpt() {
  local errors
  if [ -n "${2:-}" ]; then
    awk -v test="$2" '/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / { shown = ($4 == test) }
      /^[0-9]+% tests passed/ { shown = 0 }
      /^ *(=>)?0x[0-9a-f]+: |^Shadow bytes/ { next }
      shown' "$1" | tail -n 40
    return 0
  fi
  errors=$(grep -E -A 3 'error:|undefined reference|^CMake Error' "$1" | head -n 40 || true)
  if [ -n "$errors" ]; then printf '%s\n' "$errors"; else tail -n 40 "$1"; fi
}

# report OK NAME SECONDS [LOG [TEST]]
report() {
  if [ "$1" = 0 ]; then
    passed=$((passed + 1))
    printf 'ok    %-40s %6s s\n' "$2" "$3"
  else
    failed=$((failed + 1))
    printf 'FAIL  %-40s %6s s   %s\n' "$2" "$3" "${4#"$root"/}"
    if [ -f "${4:-}" ]; then excerpt "$4" "${5:-}" | cut -c1-200 | sed 's/^/      | /'; fi
  fi
}

# step NAME COMMAND...: one thing that must hold. The name is the log's name, too.
step() {
  local name=$1 log code=0 start=$SECONDS
  shift
  log=$logs/${name//[ \/]/-}.log
  mkdir -p "$logs"
  ("$@") >"$log" 2>&1 </dev/null || code=$?
  report "$code" "$name" $((SECONDS - start)) "$log"
  return 0
}

beside_names=()
beside_running=0

# beside NAME COMMAND...: a step that runs beside others, one a core; ends with report_beside.
beside() {
  local name=$1 files=$logs/${1//[ \/]/-}
  shift
  mkdir -p "$logs"
  rm -f "$files.result"
  if [ "$beside_running" -ge "$(nproc)" ]; then
    wait -n || true
    beside_running=$((beside_running - 1))
    report_ended
  fi
  beside_names+=("$name")
  beside_running=$((beside_running + 1))
  {
    start=$SECONDS code=0
    ("$@") >"$files.log" 2>&1 </dev/null || code=$?
    echo "$code $((SECONDS - start))" >"$files.result"
  } &
}

# report_ended [all]: those that have ended; or all, of which one without a result has failed.
report_ended() {
  local name code took left=()
  for name in "${beside_names[@]}"; do
    code=1 took=0
    if [ -s "$logs/${name//[ \/]/-}.result" ]; then
      read -r code took <"$logs/${name//[ \/]/-}.result"
    elif [ "${1:-}" != all ]; then
      left+=("$name")
      continue
    fi
    report "$code" "$name" "$took" "$logs/${name//[ \/]/-}.log"
  done
  beside_names=("${left[@]}")
}

report_beside() {
  wait
  beside_running=0
  report_ended all
}

# ctest_steps NAME PRESET [CTEST ARGUMENT...]: every test of a build folder is a step of its own.
ctest_steps() {
  local name=$1 preset=$2 log junit code=0
  shift 2
  log=$logs/$name.log
  junit=$logs/$name.xml
  mkdir -p "$logs"
  rm -f "$junit"
  ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j "$(nproc)" --output-junit "$junit" "$@" \
    >"$log" 2>&1 </dev/null || code=$?
  if [ ! -s "$junit" ]; then
    report 1 "$name" 0 "$log"
    return 0
  fi
  local failures_before=$failed
  local test seconds status ok
  while read -r test seconds status; do
    ok=1
    [ "$status" != run ] || ok=0
    if [ "$status" = notrun ]; then test="$test (not built)"; fi
    report "$ok" "$name/$test" "$(printf '%.0f' "$seconds")" "$log" "$test"
  done < <(sed -n 's/.*<testcase name="\([^"]*\)".* time="\([^"]*\)" status="\([^"]*\)".*/\1 \2 \3/p' "$junit")
  if [ "$code" != 0 ] && [ "$failed" = "$failures_before" ]; then report 1 "$name/ctest" 0 "$log"; fi
}

# The last line; the exit code says the same.
finish() {
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}
