import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';

const own = new URL('data/', import.meta.url);
const recorded = new URL('../../../shared/data/', import.meta.url);

/** Files of a folder of `data/`, which has what other simulators and solvers gave. */
export function goldenFiles(folder: string): string[] {
  return readdirSync(new URL(`${folder}/`, own));
}

export function readGolden(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, own), 'utf8'));
}

export function readGoldenBytes(path: string): Uint8Array {
  return readFileSync(new URL(path, own));
}

/**
 * Path of a data set that may not be copied into this repository (test/README.md lists them): what stands in
 * `../shared/data` beside it, or the end of the calling test, skipped with the reason.
 */
export function needsRecorded(context: TestContext, folder: string): string {
  const path = fileURLToPath(new URL(`${folder}/`, recorded));
  return existsSync(path) ? path : context.skip(`needs ../shared/data/${folder}, which may not be copied here`);
}
