import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { SpikewireError } from '@spikewire/models';

/** What people call the reasons for which a system refuses a file. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EEXIST: 'already exists',
  EISDIR: 'is a folder',
  ENOTDIR: 'is below a file, not below a folder',
  EACCES: 'is not accessible to this user',
  EPERM: 'is not accessible to this user',
  EROFS: 'is on a read-only file system',
  ENOSPC: 'does not fit on the disk',
};

/** The error for a file that cannot be read, by the name that the user gave it. */
export function unreadableFile(path: string, cause: unknown, expected: string): SpikewireError {
  return new SpikewireError('file', path, reasonOf(cause), expected, cause);
}

/** The error for a file that cannot be written. */
export function unwritableFile(path: string, cause: unknown): SpikewireError {
  const absent = existsSync(dirname(path)) ? 'cannot be created in that folder' : 'is in a folder that does not exist';
  const reason = codeOf(cause) === 'ENOENT' ? absent : reasonOf(cause);
  return new SpikewireError('file', path, reason, 'a file that can be written', cause);
}

function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return REASONS[codeOf(cause) ?? ''] ?? `cannot be used (${message})`;
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
}
