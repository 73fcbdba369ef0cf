import { SeverityNumber } from '@opentelemetry/api-logs';

/**
 * A level counts when it is written as one: a word in capitals, or in brackets, behind `level=`, or before a colon.
 * Prose such as "no error found" must not become an error.
 */
const level =
  /\b(?:(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERR|ERROR|CRIT|CRITICAL|ALERT|EMERG|FATAL|PANIC)\b|(?:level|lvl|severity|loglevel)"?[=:] ?"?([a-zA-Z]+))|[[<(](trace|debug|info|notice|warn|warning|err|error|crit|critical|alert|emerg|fatal|panic)[\])>]|(?:^|[ \]])(debug|info|notice|warning|error|critical|fatal|Warning|Error|Fatal): /;

/** Levels stand near the beginning; looking further costs more and finds words of the message. */
const lookAt = 120;

const byWord: Readonly<Record<string, SeverityNumber>> = {
  trace: SeverityNumber.TRACE,
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  information: SeverityNumber.INFO,
  notice: SeverityNumber.INFO2,
  warn: SeverityNumber.WARN,
  warning: SeverityNumber.WARN,
  err: SeverityNumber.ERROR,
  error: SeverityNumber.ERROR,
  crit: SeverityNumber.ERROR3,
  critical: SeverityNumber.ERROR3,
  alert: SeverityNumber.FATAL,
  emerg: SeverityNumber.FATAL3,
  fatal: SeverityNumber.FATAL,
  panic: SeverityNumber.FATAL3,
};

/** Severity that a line states itself; undefined when it states none. */
export function guessSeverity(line: string): { number: SeverityNumber; text: string } | undefined {
  const found = level.exec(line.length > lookAt ? line.slice(0, lookAt) : line);
  if (!found) return undefined;
  const text = found[1] ?? found[2] ?? found[3] ?? found[4] ?? '';
  const number = byWord[text] ?? byWord[text.toLowerCase()];
  return number === undefined ? undefined : { number, text };
}
