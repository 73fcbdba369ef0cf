#!/bin/sh
set -e
if [ "$1" = configure ]; then
  systemd-sysusers @PACKAGE@.conf
  install -d -m 0700 -o @USER@ -g @USER@ @STATE@
  deb-systemd-helper unmask @PACKAGE@.service >/dev/null || true
  if deb-systemd-helper --quiet was-enabled @PACKAGE@.service; then
    deb-systemd-helper enable @PACKAGE@.service >/dev/null || true
  else
    deb-systemd-helper update-state @PACKAGE@.service >/dev/null || true
  fi
  if [ -d /run/systemd/system ]; then
    systemctl --system daemon-reload >/dev/null || true
    if [ -n "$2" ]; then action=restart; else action=start; fi
    deb-systemd-invoke "$action" @PACKAGE@.service >/dev/null || true
  fi
fi
