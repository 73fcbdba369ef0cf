#!/bin/sh
set -e
[ ! -d /run/systemd/system ] || systemctl --system daemon-reload >/dev/null || true
if [ "$1" = remove ] && [ -x /usr/bin/deb-systemd-helper ]; then
  deb-systemd-helper mask @PACKAGE@.service >/dev/null || true
fi
if [ "$1" = purge ]; then
  if [ -x /usr/bin/deb-systemd-helper ]; then
    deb-systemd-helper purge @PACKAGE@.service >/dev/null || true
    deb-systemd-helper unmask @PACKAGE@.service >/dev/null || true
  fi
  rm -rf @STATE@
  rmdir --ignore-fail-on-non-empty /etc/sextant 2>/dev/null || true
  if command -v userdel >/dev/null && getent passwd @USER@ >/dev/null; then userdel @USER@ >/dev/null || true; fi
  if command -v groupdel >/dev/null && getent group @USER@ >/dev/null; then groupdel @USER@ >/dev/null || true; fi
fi
