import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PACK = fileURLToPath(new URL('../../scripts/pack.mjs', import.meta.url));

/** Packs into a folder; returns the file. */
export function packed(what: 'device' | 'trainer' | 'palette', folder: string): string {
  return execFileSync(process.execPath, [PACK, what, folder], { encoding: 'utf8' }).trim();
}

/** Words for npm, with an empty cache and no network: everything has to come out of the tarball. */
export function installing(tarball: string, work: string): string[] {
  return ['install', '--offline', '--ignore-scripts', '--cache', join(work, 'cache'), tarball];
}
