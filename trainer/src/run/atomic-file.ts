import { rename, writeFile } from 'node:fs/promises';

/** Writes a file so that a reader, or a process that is killed, finds the old one or the new one whole. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const beside = `${path}.${process.pid}.part`;
  await writeFile(beside, content);
  await rename(beside, path);
}
