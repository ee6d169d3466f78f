import { readFile, stat } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';

/** What the kernel means by the errors that drivers give. */
const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'is not accessible to this user',
  EAGAIN: 'has no value yet',
  EBUSY: 'is in use by somebody else',
  EINVAL: 'does not take that',
  EIO: 'does not answer',
  ENODATA: 'is switched off',
  ENODEV: 'is gone',
  ENOENT: 'is not there',
  ENXIO: 'is gone',
  EPERM: 'is not accessible to this user',
  EREMOTEIO: 'does not answer',
  ETIMEDOUT: 'does not answer',
};

/**
 * The error for a file of a device that cannot be used now. Where that is forbidden it says the command that mends it:
 * a group that the user has to be in, or else `rule`.
 */
export async function deviceProblem(file: string, cause: unknown, rule?: string): Promise<SpikewireError> {
  const code = String((cause as { code?: unknown }).code ?? cause);
  const meaning = MEANINGS[code] ?? 'cannot be read';
  const isForbidden = code === 'EACCES' || code === 'EPERM';
  const mend = isForbidden ? await mendingCommand(file, rule) : undefined;
  return new SpikewireError('input', file, `${meaning} (${code})`, mend, cause);
}

/** For the `catch` of a promise: rejects with the `deviceProblem` of that file. */
export function failingAs(file: string, rule?: string): (cause: unknown) => Promise<never> {
  return async (cause) => Promise.reject(await deviceProblem(file, cause, rule));
}

/** A command that lets this user in; undefined where there is none to advise. */
async function mendingCommand(file: string, rule?: string): Promise<string | undefined> {
  const found = await stat(file).catch(() => undefined);
  const group = found === undefined || (found.mode & 0o060) === 0 ? undefined : await groupName(found.gid);
  return group === undefined || group === 'root' ? rule : joinGroup(group);
}

/** The command that puts a user into a group. */
export function joinGroup(group: string): string {
  return `membership of the group ${group}: sudo usermod -aG ${group} $USER, and then a new login`;
}

async function groupName(gid: number): Promise<string | undefined> {
  const groups = await readFile('/etc/group', 'utf8').catch(() => '');
  return groups
    .split('\n')
    .map((line) => line.split(':'))
    .find(([, , id]) => Number(id) === gid)?.[0];
}
