#!/usr/bin/env bash
# npm run test:consumers: reads our exports with the tools that they are meant for, by the commands
# that a user types. They are exports of the bundled recording, whose truth is known: one call path of
# 1,616 pages. Prints consumer, version, command and result. As root on Debian it installs missing
# tools; a tool that is still missing is a failure, not a skip.
#   UNFREED_NO_APT=1  never call apt-get
#   UNFREED_NO_NPM=1  never fetch a tool from the npm registry
#   FLAMEGRAPH=PATH   the author's flamegraph.pl: that of Debian, which is part of another package,
#                     does not read differential input
set -u
cd "$(dirname "$0")/.."
scripts/setup.sh || exit 1

# 1. The tools.
missing=()
need() { command -v "$1" >/dev/null || missing+=("$2"); }
need go golang-go
need chromium chromium
need jq jq
need python3 python3
need cmark-gfm cmark-gfm
need perl perl
if [ ${#missing[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && [ "${UNFREED_NO_APT:-}" != 1 ] && command -v apt-get >/dev/null; then
  echo "consumers: installing Debian packages: ${missing[*]}" >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >&2
  # A package that cannot be installed must not stop the others: missing tools are reported below.
  for package in "${missing[@]}"; do apt-get install -y -qq --no-install-recommends "$package" >/dev/null || true; done
fi

# flamegraph.pl is part of another Debian package: it is extracted without the rest.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flamegraph=/usr/share/perl5/Devel/NYTProf/flamegraph.pl
if [ ! -e $flamegraph ] && [ "${UNFREED_NO_APT:-}" != 1 ] && command -v apt-get >/dev/null; then
  chmod 755 "$work"
  (cd "$work" && apt-get download -qq libdevel-nytprof-perl 2>/dev/null && dpkg-deb -x libdevel-nytprof-perl_*.deb nytprof)
  flamegraph=$work/nytprof$flamegraph
fi

# The command line of the Firefox Profiler needs a newer Node.js than unfreed: it is fetched with one of its own.
profiler_version=0.10.0
node_version=24.22.3
if ! command -v profiler-cli >/dev/null && [ "${UNFREED_NO_NPM:-}" != 1 ]; then
  node_package=node-linux-$([ "$(uname -m)" = aarch64 ] && echo arm64 || echo x64)
  mkdir "$work/profiler"
  if npm install --prefix "$work/profiler" --no-save --no-audit --no-fund --loglevel=error --engine-strict=false \
    "@firefox-devtools/profiler-cli@$profiler_version" "$node_package@$node_version" >/dev/null 2>&1; then
    modules=$work/profiler/node_modules
    printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$modules/$node_package/bin/node" \
      "$modules/@firefox-devtools/profiler-cli/dist/profiler-cli.js" >"$work/profiler/profiler-cli"
    chmod 755 "$work/profiler/profiler-cli"
    PATH=$work/profiler:$PATH
  fi
fi
# Its server is reached by a socket in this directory.
export PROFILER_CLI_SESSION_DIR=$work/sessions

# 2. The exports: all of the recording, and its one call path of known size.
root=$PWD
recording=$root/recordings/bpf/6.18-held-pipes/held-pipes.unfreed
unfreed() { node "$root/dist/main.js" "$@" 2>"$work/stderr" || { cat "$work/stderr" >&2; echo "consumers: unfreed $* failed" >&2; exit 1; }; }
pipes=(--comm hold-pipes --grep '^anon_pipe_write$' --allocator page)
cd "$work" || exit 1
for name in x.pb.gz x.folded x.csv x.json x.md x.firefox.json; do unfreed export "$recording" "${pipes[@]}" -o $name; done
unfreed export "$recording" -o curves.firefox.json
unfreed export "$recording" -n 3 -o report.md
unfreed cut "$recording" --to 3s -o before.unfreed
unfreed export before.unfreed "${pipes[@]}" -o before.pb.gz
for name in diff.folded diff.csv diff.json; do unfreed diff before.unfreed "$recording" "${pipes[@]}" -o $name; done

# 3. The checks. Each prints a row; the output of a tool is shown if it is not as expected.
failed=0
row() { printf '%-7s %-16s %-18s %s\n' "$@"; }
check() { # check CONSUMER VERSION COMMAND EXPECTED: runs the command line; its output must match the extended regex
  local output
  if output=$(bash -c "set -o pipefail; $3" 2>&1) && grep -Eq -- "$4" <<<"$output"; then row ok "$1" "$2" "$3"; else
    row FAILED "$1" "$2" "$3"
    printf '        expected: %s\n' "$4"
    head -n 20 <<<"$output" | sed 's/^/        | /'
    failed=1
  fi
}
there() { # there CONSUMER PROGRAM DEBIAN-PACKAGE
  [ -e "$2" ] || command -v "$2" >/dev/null && return 0
  row MISSING "$1" - "apt-get install --no-install-recommends $3"
  failed=1
  return 1
}
package() { dpkg-query -W -f '${Version}' "$1" 2>/dev/null || echo '?'; }

row result consumer version command
if there 'go tool pprof' go golang-go; then
  version=$(go version | cut -d' ' -f3)
  check 'go tool pprof' "$version" 'go tool pprof -top -unit=b x.pb.gz' '^ +6619136B +100% +100% +6619136B +100% +anon_pipe_write$'
  check 'go tool pprof' "$version" 'go tool pprof -top -sample_index=inuse_objects x.pb.gz' '^ +1616 +100% +100% +1616 +100% +anon_pipe_write$'
  check 'go tool pprof' "$version" 'go tool pprof -traces x.pb.gz' 'comm: +hold-pipes'
  check 'go tool pprof' "$version" 'go tool pprof -top -unit=b -diff_base before.pb.gz x.pb.gz' '^ +2[0-9]{6}B .* anon_pipe_write$'
  check 'go tool pprof' "$version" 'go tool pprof -tags x.pb.gz' 'category: Total'
fi
if there flamegraph.pl "$flamegraph" libdevel-nytprof-perl; then
  version=$(basename "$work"/libdevel-nytprof-perl_*.deb | cut -d_ -f2)
  [ "$version" = '*.deb' ] && version=$(package libdevel-nytprof-perl)
  ln -s "$flamegraph" flamegraph.pl
  check flamegraph.pl "$version" 'perl flamegraph.pl --countname bytes x.folded' 'anon_pipe_write \(6,619,136 bytes, 100'
  # That of Debian is older than differential input.
  newer=$(command -v flamegraph.pl || echo "${FLAMEGRAPH:-}")
  if [ -n "$newer" ]; then
    check flamegraph.pl "$newer" "perl $newer --countname bytes diff.folded" '\(6,619,136 bytes, 100.00%; \+[0-9]'
  else
    row 'not run' flamegraph.pl - 'flamegraph.pl --countname bytes diff.folded (FLAMEGRAPH=PATH of one of 2014-11 or later)'
  fi
fi
if there 'Firefox Profiler' profiler-cli '(none); npm: @firefox-devtools/profiler-cli'; then
  version=$(profiler-cli --version)
  # Until the next load, all commands are of this profile.
  check 'Firefox Profiler' "$version" 'profiler-cli load x.firefox.json' 'Selected thread: t-0 \(unaccounted\)'
  check 'Firefox Profiler' "$version" 'profiler-cli thread samples-top-down' 'anon_pipe_write \[total: 100\.0%'
  check 'Firefox Profiler' "$version" \
    "profiler-cli thread functions --json | jq '.functions[] | select(.name == \"anon_pipe_write\").totalSamples'" '^6619136$'
  profiler-cli stop >/dev/null 2>&1
  # A part of a call path, as above, has no curve: all of the recording has.
  check 'Firefox Profiler' "$version" 'profiler-cli load curves.firefox.json && profiler-cli counter list' 'c-0: unaccounted .* range of the track: 6\.'
  check 'Firefox Profiler' "$version" \
    'profiler-cli strategy native-retained-allocations && profiler-cli zoom push 2,3 && profiler-cli thread samples' \
    'anon_pipe_write - total: 2\.[0-9]+MB \(100'
  profiler-cli stop >/dev/null 2>&1
fi
if there jq jq jq; then
  version=$(jq --version)
  check jq "$version" "jq '[.stacks[].count] | add' x.json" '^1616$'
  check jq "$version" "jq -r '.stacks[0].frames[].symbol' x.json" '^vfs_write$'
  check jq "$version" "jq '.stacks[0] | .after.bytes - .before.bytes == .differenceBytes' diff.json" '^true$'
fi
if there 'python csv' python3 python3; then
  version=$(python3 --version | cut -d' ' -f2)
  check 'python csv' "$version" \
    "python3 -c 'import csv; print(sum(int(row[\"bytes\"]) for row in csv.DictReader(open(\"x.csv\", newline=\"\"))))'" '^6619136$'
  check 'python csv' "$version" \
    "python3 -c 'import csv; print(*[row[\"change\"] for row in csv.DictReader(open(\"diff.csv\", newline=\"\")) if row[\"row\"] == \"stack\"])'" '^grown$'
fi
if there cmark-gfm cmark-gfm cmark-gfm; then
  version=$(package cmark-gfm)
  check cmark-gfm "$version" 'cmark-gfm x.md' '^<h3>1\. 6\.31 MiB \(100%\), 1,616 pages, page, unaccounted'
  check cmark-gfm "$version" 'cmark-gfm --unsafe report.md | grep -Ec "<(a|img|script)" || true' '^0$'
fi

# 4. The checks that need a browser, and the same commands over all of the recording: tests of vitest,
# run so that a missing tool is a failure.
cd "$root" || exit 1
if there Chromium chromium chromium; then
  chromium=$(chromium --version 2>/dev/null | cut -d' ' -f2)
  speedscope=$(node -p 'require("./node_modules/speedscope/package.json").version')
  for each in "Chromium:$chromium:test/slow/html-browser.test.ts" "Chromium:$chromium:test/slow/report-browser.test.ts" \
    "Chromium:$chromium:test/slow/diff-browser.test.ts" \
    "speedscope:$speedscope:test/slow/speedscope-viewer.test.ts"; do
    IFS=: read -r name version file <<<"$each"
    check "$name" "$version" "npx --no-install vitest run --config test/vitest.config.ts --project slow $file" 'Tests .*passed'
  done
fi
if command -v go >/dev/null; then
  check 'go tool pprof' "$(go version | cut -d' ' -f3)" \
    'npx --no-install vitest run --config test/vitest.config.ts --project slow test/slow/pprof-tool.test.ts' 'Tests .*passed'
fi
check ajv "$(node -p 'require("./node_modules/ajv/package.json").version')" \
  'npx --no-install vitest run --config test/vitest.config.ts --project unit test/export -t schema' 'Tests .*passed'
exit $failed
