#!/usr/bin/env bash
# Sets up all that unfreed needs on a bare machine: npm packages, the tools that build the eBPF
# collector, the builds. Safe to run again: it installs only what is missing, and a second run takes
# some tens of milliseconds. Prints on stderr what it installs, and what cannot be installed; then it
# continues with the rest.
#   UNFREED_NO_APT=1  never call apt-get
set -u
cd "$(dirname "$0")/.."
say() { printf 'setup: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

command -v node >/dev/null || die 'Node.js is not installed. unfreed needs Node 20.19 or newer.'
node_version=$(node -p 'process.versions.node')
case "$(printf '%s\n20.19.0\n' "$node_version" | sort -V | head -n 1)" in
  20.19.0) ;;
  *) die "Node $node_version is too old: unfreed needs 20.19 or newer." ;;
esac

# 1. npm packages: only if the lock file changed since the last install.
if [ ! -e node_modules/.unfreed-installed ] || [ package-lock.json -nt node_modules/.unfreed-installed ]; then
  say 'installing npm packages'
  # Not npm ci: that requires optional packages of other platforms, which not every registry mirror
  # has. The versions come from the lock file all the same, and --no-save does not change it.
  npm install --ignore-scripts --no-save --no-audit --no-fund --loglevel=error >&2 ||
    die 'npm install failed: see the lines above. Is the package registry reachable?'
  touch node_modules/.unfreed-installed
fi

# 2. Debian packages that build and run the collectors.
missing=()
need() { missing+=("$1"); }
have_tool() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }
# An executable built earlier runs without any of this; only a changed source needs the tools.
have_tool clang || need clang
have_tool llvm-strip || ls /usr/bin/llvm-strip* >/dev/null 2>&1 || need llvm
have_tool make || need make
have_tool cc || need gcc
[ -e /usr/include/stdio.h ] || need libc6-dev
[ -e /usr/include/bpf/libbpf.h ] || need libbpf-dev
[ -e /usr/include/libelf.h ] || need libelf-dev
[ -e /usr/include/zlib.h ] || need zlib1g-dev
[ -e /usr/include/libiberty/demangle.h ] || need libiberty-dev
have_tool bpftrace || need bpftrace
if ! have_tool bpftool || ! bpftool version >/dev/null 2>&1; then need bpftool; fi

if [ ${#missing[@]} -gt 0 ]; then
  if [ "${UNFREED_NO_APT:-}" = 1 ]; then
    say "missing: ${missing[*]} (not installed: UNFREED_NO_APT=1)"
  elif ! command -v apt-get >/dev/null; then
    say "missing: ${missing[*]}. This is not Debian or Ubuntu: install their like with your package manager."
  elif [ "$(id -u)" != 0 ]; then
    say "missing: ${missing[*]}. As root: apt-get install ${missing[*]}"
  else
    say "installing Debian packages: ${missing[*]}"
    log=$(mktemp)
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >"$log" 2>&1
    if ! apt-get install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
      # A package that does not exist here (bpftool on Ubuntu) must not stop the others.
      for package in "${missing[@]}"; do
        apt-get install -y --no-install-recommends "$package" >>"$log" 2>&1 ||
          say "could not install $package: $(tail -n 1 "$log")"
      done
    fi
    rm -f "$log"
  fi
fi

# 3. The program itself.
newer() { # newer STAMP PATH...: true if anything there is newer than the stamp; nothing is built of READMEs and .bt scripts
  local stamp=$1; shift
  [ ! -e "$stamp" ] || [ -n "$(find "$@" -newer "$stamp" -type f -not -path '*/build/*' -not -name '*.md' -not -name '*.bt' -print -quit 2>/dev/null)" ]
}
if newer dist/.built src scripts/build.mjs package.json; then
  say 'building dist/'
  node scripts/build.mjs >&2 || die 'the build of dist/ failed: see the lines above.'
  touch dist/.built
fi

# 4. The collector. If it cannot be built, the reason is printed here and kept in bpf/build/.failed,
# where `doctor` and a run find it.
not_built() { # not_built REASON STEP...
  say "the eBPF collector is not built: $1"
  mkdir -p bpf/build && printf '%s\n' "$1" >bpf/build/.failed
  shift
  for step in "$@" \
    'one that was built on another machine of this architecture works here too: copy its bpf/build/unfreed-collect' \
    'until then only bpftrace can trace here (--collector bpftrace), at 5 to 23 times the cost'; do
    say "  - $step"
  done
  [ ! -x bpf/build/unfreed-collect ] || say '  the executable of an earlier build stays in use'
}
if newer bpf/build/.built bpf; then
  if ! { have_tool clang && have_tool bpftool && have_tool make && have_tool cc; }; then
    not_built 'clang, bpftool, make and cc are needed' 'install what is missing (above), then: npm run setup'
  elif [ ! -e /sys/kernel/btf/vmlinux ]; then
    not_built 'there is no /sys/kernel/btf/vmlinux: this kernel was built without CONFIG_DEBUG_INFO_BTF' \
      'boot a kernel with it, or build against the types of another: make -C bpf BTF=FILE'
  else
    say 'building the eBPF collector'
    log=$(mktemp)
    if PATH="$PATH:/usr/sbin" make -s -C bpf >"$log" 2>&1; then
      rm -f bpf/build/.failed
      touch bpf/build/.built
    else
      first=$(grep -m 1 -E 'error|unfreed: ' "$log" || tail -n 1 "$log")
      not_built "${first:-make printed nothing}" 'the whole output: make -C bpf V=1'
    fi
    rm -f "$log"
  fi
fi
exit 0
