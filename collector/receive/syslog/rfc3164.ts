import { startsWithCef } from './cef.ts';
import type { SyslogMessage } from './message.ts';
import { type ReadTime, readBsdTime, readIsoTime, type TimeContext } from './timestamp.ts';

const sequenceNumber = /^(\d{0,10}): /;
const nameBeforeTime = /^([\w.-]{1,255}): (?=[*.]?[A-Z\d])/;
const hostToken = /^([\w.:%/-]{1,255})(?: |$)/;
/** `sshd[123]: `, `kernel: `, `app[1] `: a name, then a process in brackets or a colon, or both. */
const tag = /^([^\s:[\]<>"=|,]{1,128})(?:\[([^\]\s]{0,128})\]:?|:)(?= |$)/;
/** `%FACILITY-SEVERITY-MNEMONIC:` of Cisco devices; part of the text that people search for. */
const ciscoMnemonic = /^(%[A-Z\d_]{1,64}(?:-[A-Z\d_]{1,64}){1,4}): /;

/**
 * Reads what stands behind the priority as RFC 3164, or as one of the many things that are sent under its name: ISO
 * times, no time, no host name, Cisco's sequence numbers, CEF at once behind the host. Whatever follows is the text.
 */
export function readRfc3164(text: string, context: TimeContext): SyslogMessage {
  const message: SyslogMessage = { text };
  let rest = text;

  const sequence = sequenceNumber.exec(rest);
  if (sequence) {
    if (sequence[1]) message.sequence = sequence[1];
    rest = rest.slice(sequence[0].length);
  }
  let told = readTime(rest, context);
  if (!told) {
    const name = nameBeforeTime.exec(rest);
    const behind = name && readTime(rest.slice(name[0].length), context);
    if (name?.[1] && behind) {
      message.hostname = name[1];
      rest = rest.slice(name[0].length);
      told = behind;
    }
  }
  if (told) {
    message.time = told.time;
    rest = rest.slice(told.end);
    if (rest.startsWith(':')) rest = rest.slice(1).trimStart();
    else rest = readHost(rest.trimStart(), message);
  }
  return readContent(rest, message);
}

const readTime = (text: string, context: TimeContext): ReadTime | undefined =>
  readBsdTime(text, context) ?? readIsoTime(text, context);

/** Takes the host name off the front, unless what stands there is the tag already. */
function readHost(text: string, message: SyslogMessage): string {
  if (startsWithCef(text) || text.startsWith('%')) return text;
  const token = hostToken.exec(text);
  if (!token?.[1] || tag.test(token[1])) return text;
  message.hostname ??= token[1];
  const rest = text.slice(token[0].length);
  // ASA: `host : %ASA-6-302013: …`
  return rest.startsWith(': ') ? rest.slice(2) : rest;
}

function readContent(text: string, message: SyslogMessage): SyslogMessage {
  if (startsWithCef(text)) return { ...message, text };
  const mnemonic = ciscoMnemonic.exec(text);
  if (mnemonic?.[1]) return { ...message, msgid: mnemonic[1], text };
  const found = tag.exec(text);
  if (!found?.[1]) return { ...message, text };
  return {
    ...message,
    appname: found[1],
    ...(found[2] && { procid: found[2] }),
    text: text.slice(found[0].length + 1),
  };
}
