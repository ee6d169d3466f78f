import type { MiddlewareHandler } from 'hono';
import { LARGEST_BACKUP, LARGEST_PART, LARGEST_REPORT } from 'spikewire/agent';
import type { Environment } from '../base/environment.ts';
import { HttpRefusal } from '../base/refusal.ts';

/** Where devices send backups and parts, the only large bodies. */
export const BACKUP_PATH = '/v1/backup';
export const PART_PATH = '/v1/part';

/** In bytes, by path. */
const LARGEST: Readonly<Record<string, number>> = { [BACKUP_PATH]: LARGEST_BACKUP, [PART_PATH]: LARGEST_PART };

/** Whether bodies for this path may be large, and so take long. */
export function mayBeLarge(path: string): boolean {
  return Object.hasOwn(LARGEST, path);
}

/** Refuses a body by the length that its headers say, before anything of it is read; Node reads no more than that. */
export const bodyLimit: MiddlewareHandler<Environment> = async ({ req }, next) => {
  if (req.header('transfer-encoding') !== undefined)
    throw new HttpRefusal(411, 'the length of the body is missing; expected content-length', CLOSING);
  const most = mayBeLarge(req.path) ? LARGEST[req.path]! : LARGEST_REPORT;
  if (Number(req.header('content-length') ?? 0) > most)
    throw new HttpRefusal(413, `the body is too long; expected at most ${most} bytes`, CLOSING);
  await next();
};

/** What nobody reads must not be taken for the next request. */
const CLOSING = { connection: 'close' };
