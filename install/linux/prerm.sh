#!/bin/sh
set -e
# An upgrade restarts it once the new version is in place.
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  deb-systemd-invoke stop @PACKAGE@.service >/dev/null || true
fi
