# Builds the pages of node/web into build/web, which the program embeds, and brings what tests them. Sourced after lib.sh.

# install_node: Debian's own Node, unless there is one already.
install_node() {
  command -v npm >/dev/null || install_packages .ci/packages-web
}

# npm_packages FOLDER: what the lock file of a folder lists, brought anew only when that list has changed.
npm_packages() {
  local packages=$1/node_modules lock
  lock=$(sha256sum <"$1/package-lock.json")
  [ "$(cat "$packages/.khuoi.sum" 2>/dev/null)" != "$lock" ] || return 0
  rm -f "$packages/.khuoi.sum"
  npm --prefix "$1" ci --no-audit --no-fund --no-update-notifier || return
  printf '%s\n' "$lock" >"$packages/.khuoi.sum"
}

# web_sources_sum: what the pages are made of, as one checksum.
web_sources_sum() {
  (cd node/web && find . -path ./node_modules -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
}

# build_web: brings the packages when their list has changed, then builds when a source has. Without a change it takes a
# tenth of a second. The stamp is taken away first, so that a build that was cut short is made again.
build_web() {
  local stamp=build/web.sum sum
  npm_packages node/web || return
  sum=$(web_sources_sum)
  if [ -f build/web/index.html ] && [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ]; then return 0; fi
  mkdir -p build
  rm -f "$stamp"
  npm --prefix node/web run check || return
  npm --prefix node/web run build || return
  printf '%s\n' "$sum" >"$stamp"
}
