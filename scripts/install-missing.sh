# Sourced by tests that need packages of Debian.

# install_missing WHO PACKAGE...: installs them as root; else says what is missing, and ends the script.
install_missing() {
  local who=$1
  shift
  [ $# -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ] || [ "${UNFREED_NO_APT:-}" = 1 ]; then
    echo "$who: missing: $*. As root: apt-get install $*" >&2
    exit 1
  fi
  echo "$who: installing Debian packages: $*" >&2
  DEBIAN_FRONTEND=noninteractive apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}
