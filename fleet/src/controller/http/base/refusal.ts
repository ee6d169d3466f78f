import { SpikewireError } from '@spikewire/models';
import { UnknownItemError } from '../../database/unknown-item.ts';
import { DeviceRefusal } from '../../devices/device-refusal.ts';

/** Why a request is not answered as it wanted. */
export class HttpRefusal extends Error {
  readonly status: number;
  /** Of the answer, such as `retry-after` in whole seconds. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }

  static later(status: 429 | 503, message: string, seconds: number): HttpRefusal {
    return new HttpRefusal(status, message, { 'retry-after': `${Math.max(1, Math.ceil(seconds))}` });
  }
}

/** The answer to a request that failed. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly error: string; readonly counter?: number; readonly device?: string };
}

const OF_DEVICES = { token: 403, unknown: 401, counter: 409, left: 410, space: 507 } as const;
/** By the code of an error; others are failures of the controller itself. */
const STATUSES: Readonly<Partial<Record<SpikewireError['code'], number>>> = {
  ...{ input: 400, access: 403, usage: 422, unsupported: 422 },
};
/** Seconds after which the database may be there again. */
const RETRY_AFTER = '5';

/** The status of every error that a request can end with. What went wrong inside is not told. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof HttpRefusal)
    return { status: error.status, headers: error.headers, body: { error: error.message } };
  if (error instanceof DeviceRefusal) {
    const { kind, ...details } = error.reason;
    return { status: OF_DEVICES[kind], headers: {}, body: { error: error.message, ...details } };
  }
  const status = error instanceof SpikewireError ? statusOf(error) : undefined;
  if (status !== undefined) return { status, headers: {}, body: { error: (error as SpikewireError).message } };
  if (isUnavailable(error))
    return { status: 503, headers: { 'retry-after': RETRY_AFTER }, body: { error: 'the database does not answer' } };
  return { status: 500, headers: {}, body: { error: 'the controller failed; its log says why' } };
}

function statusOf(error: SpikewireError): number | undefined {
  return error instanceof UnknownItemError ? 404 : STATUSES[error.code];
}

/** Classes of PostgreSQL: connection, rollback to be repeated, resources, locks, operator. */
const PASSING = /^(08|40|53|55|57)\w{3}$/;
const SQLITE_BUSY = 5;

/** Whether the same request can succeed a little later. */
function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  const isOfSystem = typeof code === 'string' && (/^E[A-Z]+$/.test(code) || PASSING.test(code));
  return isOfSystem || errcode === SQLITE_BUSY || /timeout|terminated/i.test(error.message);
}
