#!/bin/bash
# Makes a small Debian of this machine's own release in FOLDER, from where this machine's apt has its packages: what the
# packages of ours say that they depend on, and what a test asks with. usage: debian-root.sh FOLDER. Needs root.
set -eu
. /etc/os-release
mirror=$(apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
  awk -v release="$VERSION_CODENAME" '$1 == release && $2 == "main" { print $3; exit }')
[ -n "$mirror" ] || { echo "apt knows no packages of $VERSION_CODENAME: apt-get update" >&2; exit 1; }
exec debootstrap --variant=minbase \
  --include=systemd,systemd-sysv,dbus,init-system-helpers,libstdc++6,util-linux,iproute2,procps \
  "$VERSION_CODENAME" "$1" "$mirror"
