/**
 * What the body of a refusal says, for a log line: the message of a `google.rpc.Status` in Protobuf (OTLP/HTTP), or the
 * text as it is (a proxy's page, JSON). Printable and short whatever stands in it.
 */
export function answerText(body: Buffer): string {
  return (statusMessage(body) ?? body)
    .toString('utf8')
    .replace(/[^\x20-\x7e\u00a1-\uffff]+/g, ' ')
    .trim()
    .slice(0, 300);
}

/** Tag of `message`, field 2 of a Status, length-delimited. */
const messageTag = 0x12;

/** The message of a Status that holds nothing else, as our collector sends it; undefined for anything else. */
function statusMessage(body: Buffer): Buffer | undefined {
  if (body[0] !== messageTag) return undefined;
  let length = 0;
  for (let at = 1; at < Math.min(body.length, 6); at += 1) {
    const byte = body[at] ?? 0;
    length += (byte & 0x7f) * 2 ** (7 * (at - 1));
    if (byte < 0x80) return body.length === at + 1 + length ? body.subarray(at + 1) : undefined;
  }
  return undefined;
}
