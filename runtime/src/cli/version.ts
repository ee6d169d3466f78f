import { createRequire } from 'node:module';

/** Of this program, as `major.minor.patch`. */
export function programVersion(): string {
  return createRequire(import.meta.url)('../../package.json').version;
}
