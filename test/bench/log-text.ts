/** Log text of three kinds with the names and addresses that logs have; one line in fifty holds a secret. */
export function logText(bytes: number): Buffer {
  const lines: string[] = [];
  let made = 0;
  for (let n = 0; made < bytes; n++) {
    const line =
      n % 50 === 0
        ? `Nov 20 11:00:00 node1 app[${n}]: login user=u${n} password=secret${n} from 10.0.0.1\n`
        : n % 3 === 0
          ? `{"time":"2026-11-20T11:00:00Z","level":"info","msg":"request done","path":"/api/v1/nodes","ms":${n % 300},"host.name":"node1"}\n`
          : `2026-11-20T11:00:00.${n % 1000}Z node2 kernel: [${n}.1] nvme0n1: I/O timeout on queue ${n % 16}, tag ${n} path=/x${n % 100} peer 10.1.${n % 7}.${n % 250}\n`;
    lines.push(line);
    made += line.length;
  }
  return Buffer.from(lines.join(''));
}
