#!/bin/bash
# What an administrator does with the agent's package, on a root that is thrown away. Prints what the test looks at.
set -eu
cd /tmp/given
say() { echo "== $*"; }
dpkg -i sextant-agent_0.0.1_amd64.deb >/dev/null 2>&1
say installed "$(sextant-agent --version)"
say files "$(dpkg -L sextant-agent | grep -c /usr/lib/sextant-agent/)"
say user "$(id -Gn sextant-agent)"
say enabled "$(readlink /etc/systemd/system/multi-user.target.wants/sextant-agent.service)"
systemd-analyze verify sextant-agent.service && say verified
sextant-agent enroll --collector "$COLLECTOR" --node packaged --token-file - <token >/dev/null
say identity "$(stat -c '%U %a' /var/lib/sextant-agent/agent/identity/node.key)"

# The unit's own command, as systemd starts it.
start() {
  rm -f /run/notify
  python3 notify-socket.py /run/notify >"messages.$1" &
  manager=$!
  until [ -S /run/notify ]; do sleep 0.1; done
  command=$(sed -n 's/^ExecStart=//p' /lib/systemd/system/sextant-agent.service)
  NOTIFY_SOCKET=/run/notify WATCHDOG_USEC=400000 UV_THREADPOOL_SIZE=10 \
    setpriv --reuid=sextant-agent --regid=sextant-agent --init-groups --no-new-privs -- $command 2>"agent.$1.log" &
  agent=$!
  until grep -q READY "messages.$1"; do
    kill -0 "$agent" 2>/dev/null || { cat "agent.$1.log" >&2; kill "$manager"; exit 1; }
    sleep 0.1
  done
  until [ "$(grep -c WATCHDOG "messages.$1")" -gt 2 ]; do sleep 0.1; done
}
stop() {
  kill -TERM "$agent"
  wait "$agent" && say "stopped with 0" || say "stopped with $?"
  kill "$manager"
  wait "$manager" 2>/dev/null || true
}
start first
say status "$(sextant-agent status --json)"
stop
echo '# a line of my own' >>/etc/sextant/agent.yaml
before=$(sha256sum /var/lib/sextant-agent/agent/identity/node.crt)
dpkg -i --force-confold sextant-agent_0.0.2_amd64.deb >/dev/null 2>&1
say upgraded "$(sextant-agent --version)"
[ "$before" = "$(sha256sum /var/lib/sextant-agent/agent/identity/node.crt)" ] && say identity kept
grep -q 'a line of my own' /etc/sextant/agent.yaml && say configuration kept
start second
stop
dpkg -r sextant-agent >/dev/null 2>&1
say "left after remove:" $(ls -d /usr/lib/sextant-agent /var/lib/sextant-agent /etc/sextant/agent.yaml 2>/dev/null)
dpkg -P sextant-agent >/dev/null 2>&1
say "left after purge:" $(find /etc /usr /var /lib -xdev -name '*sextant*' 2>/dev/null) $(getent passwd sextant-agent || true)
