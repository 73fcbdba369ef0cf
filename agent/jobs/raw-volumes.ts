import { rm } from 'node:fs/promises';
import { encryptFile } from '../../bundle/age/encrypt-file.ts';
import { pinnedRecipients } from '../../bundle/age/recipients.ts';
import { rawBase } from '../../bundle/raw-volume.ts';
import { createVolumeWriter, type Volume, type VolumeWriter } from '../../bundle/volume-writer.ts';
import type { GatherRequest } from '../../protocol/control.ts';

/** The raw volumes of one job. Their plaintext lies in the job's folder until `seal()`, and never leaves the node. */
export interface RawVolumes {
  writer: VolumeWriter;
  /** Encrypts them, removing each plaintext; when it rejects nothing of them is left. */
  seal(): Promise<Volume[]>;
  /** Removes the open one. */
  abandon(): Promise<void>;
}

/** Undefined when nobody asked for them. Throws where the request names nobody to encrypt to. */
export function openRawVolumes(
  request: Pick<GatherRequest, 'raw'>,
  folder: string,
  signal: AbortSignal,
): RawVolumes | undefined {
  if (!request.raw) return undefined;
  const recipients = pinnedRecipients(request.raw.recipients);
  if (recipients.length === 0) throw new Error('raw files were asked for, and nobody is named to encrypt them to');
  const writer = createVolumeWriter({ folder, base: rawBase });
  return {
    writer,
    abandon: () => writer.abandon(),
    seal: async () => {
      const sealed: Volume[] = [];
      const made = new Set<string>();
      try {
        const volumes = await writer.close();
        for (const { path } of volumes) made.add(path);
        for (const volume of volumes) {
          const { path, bytes } = await encryptFile(volume.path, recipients, signal);
          made.add(path);
          sealed.push({ ...volume, name: `${volume.name}.age`, path, bytes });
        }
        return sealed;
      } catch (error) {
        await writer.abandon().catch(() => undefined);
        for (const path of made) await rm(path, { force: true });
        throw error;
      }
    },
  };
}
