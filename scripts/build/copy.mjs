import { copyFileSync, statSync } from 'node:fs';

/** Copies a file unless a copy as new and as long is there. */
export function copyIfChanged(from, to) {
  const [source, copy] = [statSync(from), statSync(to, { throwIfNoEntry: false })];
  if (copy !== undefined && copy.size === source.size && copy.mtimeMs >= source.mtimeMs) return;
  copyFileSync(from, to);
}
