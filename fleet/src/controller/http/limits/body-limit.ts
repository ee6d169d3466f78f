import type { MiddlewareHandler } from 'hono';
import { LARGEST_REPORT } from 'spikewire/agent';
import type { Environment } from '../base/environment.ts';
import { HttpRefusal } from '../base/refusal.ts';

/** Refuses a body by the length that its headers say, before anything of it is read; Node reads no more than that. */
export const bodyLimit: MiddlewareHandler<Environment> = async ({ req }, next) => {
  if (req.header('transfer-encoding') !== undefined)
    throw new HttpRefusal(411, 'the length of the body is missing; expected content-length', CLOSING);
  if (Number(req.header('content-length') ?? 0) > LARGEST_REPORT)
    throw new HttpRefusal(413, `the body is too long; expected at most ${LARGEST_REPORT} bytes`, CLOSING);
  await next();
};

/** What nobody reads must not be taken for the next request. */
const CLOSING = { connection: 'close' };
