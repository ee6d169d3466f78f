import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { SpikewireError } from '@spikewire/models';

/** What people call the reasons for which a system refuses a file. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EEXIST: 'exists already',
  EISDIR: 'is a folder',
  ENOTDIR: 'lies below something that is not a folder',
  EACCES: 'may not be used by this user',
  EPERM: 'may not be used by this user',
  EROFS: 'lies on a file system that cannot be written',
  ENOSPC: 'does not fit on the disk',
};

/** The error for a file that cannot be read, by the name that the user gave it. */
export function unreadableFile(path: string, cause: unknown, expected: string): SpikewireError {
  return new SpikewireError('file', path, reasonOf(cause), expected, cause);
}

/** The error for a file that cannot be written. */
export function unwritableFile(path: string, cause: unknown): SpikewireError {
  const absent = existsSync(dirname(path)) ? 'cannot be made in that folder' : 'lies in a folder that does not exist';
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
