#!/bin/bash
# Runs CMD… on a copy of this machine's file system that is thrown away: an overlay in a mount namespace of its own.
# usage: throwaway-root.sh FOLDER CMD…; FOLDER appears as /tmp/given. Needs root.
set -eu
given=$1; shift
exec unshare --mount bash -eu -c '
  given=$1; shift
  layers=$(mktemp -d)
  mount -t tmpfs tmpfs "$layers"
  mkdir "$layers"/{upper,work,root}
  mount -t overlay overlay -o "lowerdir=/,upperdir=$layers/upper,workdir=$layers/work" "$layers/root"
  mount --bind /proc "$layers/root/proc"
  mount --bind /dev "$layers/root/dev"
  mount -t tmpfs tmpfs "$layers/root/run"
  mount -t tmpfs tmpfs "$layers/root/tmp"
  mkdir "$layers/root/tmp/given"
  mount --bind "$given" "$layers/root/tmp/given"
  cd "$layers/root"
  exec chroot "$layers/root" "$@"
' throwaway-root "$given" "$@"
