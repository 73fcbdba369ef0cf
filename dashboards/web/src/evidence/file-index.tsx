import { useSignal } from '@preact/signals';
import type { EvidenceBundle, EvidenceFile } from '../../../../collector/api/shapes/evidence.ts';
import { call } from '../api/client.ts';
import { useResource } from '../api/resource.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorBanner } from '../ui/error-banner.tsx';
import { At } from '../ui/when.tsx';
import { formatBytes } from '../value/unit.ts';

const mostShown = 100;

/** Which files the nodes gave, and in which volume each is; unpacking is the command line's. */
export function FileIndex({ bundle }: { bundle: EvidenceBundle }) {
  const text = useSignal('');
  const answer = useResource(`files ${bundle.id} ${text.value}`, 0, (signal) =>
    call<EvidenceFile[]>('evidence/files', { signal, params: { bundle: bundle.id, q: text.value, limit: mostShown } }),
  );
  const files = answer.data ?? [];
  return (
    <section class="card" aria-label="Files of the nodes">
      <header class="card-head">
        <h2>
          Files of the nodes <span class="count">{bundle.files}</span>
        </h2>
        <input
          type="text"
          aria-label="Part of a path"
          placeholder="Part of a path"
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
        />
      </header>
      <ErrorBanner failure={answer.failure} retry={answer.reload} />
      {answer.data && files.length === 0 ? <EmptyState icon="box" title="No such file" /> : null}
      {files.length > 0 ? (
        <div class="scroll-x">
          <table>
            <thead>
              <tr>
                <th>Node</th>
                <th>File</th>
                <th class="number">Size</th>
                <th>Written</th>
                <th>Volume</th>
              </tr>
            </thead>
            <tbody>
              {files.map((file) => (
                <tr key={`${file.node} ${file.path}`}>
                  <td class="nowrap">{file.node}</td>
                  <td>
                    <code>{file.path}</code>
                  </td>
                  <td class="number">{formatBytes(file.bytes)}</td>
                  <td class="nowrap">
                    <At at={file.modifiedAt} />
                  </td>
                  <td>
                    <code>{file.volume}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      <p class="muted">
        {files.length === mostShown ? `The first ${mostShown}. ` : ''}Unpack them with{' '}
        <code>sextant bundle extract</code>.
      </p>
    </section>
  );
}
