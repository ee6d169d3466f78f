import type { MiddlewareHandler } from 'hono';
import { LARGEST_BACKUP, LARGEST_REPORT } from 'spikewire/agent';
import type { Environment } from '../base/environment.ts';
import { HttpRefusal } from '../base/refusal.ts';

/** Where devices send backups, the only large bodies. */
export const BACKUP_PATH = '/v1/backup';

/** Refuses a body by the length that its headers say, before anything of it is read; Node reads no more than that. */
export const bodyLimit: MiddlewareHandler<Environment> = async ({ req }, next) => {
  if (req.header('transfer-encoding') !== undefined)
    throw new HttpRefusal(411, 'the length of the body is missing; expected content-length', CLOSING);
  const most = req.path === BACKUP_PATH ? LARGEST_BACKUP : LARGEST_REPORT;
  if (Number(req.header('content-length') ?? 0) > most)
    throw new HttpRefusal(413, `the body is too long; expected at most ${most} bytes`, CLOSING);
  await next();
};

/** What nobody reads must not be taken for the next request. */
const CLOSING = { connection: 'close' };
