import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';

/** The folder of golden cases and public data beside the repository; tests that need it skip where it is absent. */
const folder = new URL('../../../shared/', import.meta.url);

export const hasShared = existsSync(folder);

/** Ends the calling test, skipped with the reason, where the folder is absent. */
export function needsShared(context: TestContext): void {
  if (!hasShared) context.skip('needs the folder shared beside the repository');
}

export function sharedPath(path: string): string {
  return fileURLToPath(new URL(path, folder));
}

export function readSharedText(path: string): string {
  return readFileSync(sharedPath(path), 'utf8');
}

export function readSharedJson(path: string): unknown {
  return JSON.parse(readSharedText(path));
}
