#!/bin/bash
# Boots the Debian in ROOT under its own systemd, with loopback alone for a network; GIVEN appears as /given. Ends with 133
# when it reboots, and with who started it. usage: boot-machine.sh NAME ROOT GIVEN. Needs root, and a mount namespace of its own.
set -eu
name=$1 root=$2 given=$3
alone=()
if [ ! -d /run/systemd/system ]; then
  # Nobody here gives it a cgroup.
  groups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
  mkdir -p "$groups/$name"
  echo $$ >"$groups/$name/cgroup.procs"
  mkdir -p /run/systemd/nspawn
  # What it leaves there goes with the namespace.
  mount -t tmpfs tmpfs /run/systemd/nspawn
  alone=(--register=no --keep-unit)
fi
export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
exec setpriv --pdeathsig TERM -- systemd-nspawn "${alone[@]}" --quiet --boot --machine="$name" --directory="$root" --bind="$given:/given" \
  --private-network --resolv-conf=off --timezone=off --console=pipe
