import type { HonoRequest, MiddlewareHandler } from 'hono';
import { DEVICE_HEADER } from 'spikewire/agent';
import type { Environment } from '../base/environment.ts';
import { HttpRefusal } from '../base/refusal.ts';
import { clientAddress } from './client-address.ts';
import { TokenBuckets, type TokenBucketsOptions } from './token-buckets.ts';

export interface LimitRules {
  /** Whether a proxy names the addresses of clients. */
  readonly isBehindProxy: boolean;
  /** Requests of one address, of people and devices. */
  readonly ofAddress: TokenBucketsOptions;
  /** Reports of one device from one address. */
  readonly ofDevice: TokenBucketsOptions;
  /** Backups of one device from one address. */
  readonly backupsOfDevice: TokenBucketsOptions;
  /** Backups that are received at a time, which are large. */
  readonly backupsAtOnce: number;
  /** Requests that are answered at a time: they bound what bodies take of memory. */
  readonly atOnce: number;
}

/** A network of 1000 devices that report each five minutes makes 3.3 requests a second. */
export const DEFAULT_LIMITS: LimitRules = {
  isBehindProxy: false,
  ofAddress: { burst: 2000, perSecond: 50, most: 20_000 },
  ofDevice: { burst: 20, perSecond: 0.2, most: 50_000 },
  backupsOfDevice: { burst: 8, perSecond: 1 / 10_800, most: 50_000 },
  backupsAtOnce: 8,
  atOnce: 500,
};

/** How often who may ask. All tables are bounded. */
export class Limits {
  readonly #rules: LimitRules;
  readonly #addresses: TokenBuckets;
  readonly #devices: TokenBuckets;
  readonly #backups: TokenBuckets;
  #open = 0;
  #openBackups = 0;

  constructor(rules: LimitRules) {
    this.#rules = rules;
    this.#addresses = new TokenBuckets(rules.ofAddress);
    this.#devices = new TokenBuckets(rules.ofDevice);
    this.#backups = new TokenBuckets(rules.backupsOfDevice);
  }

  /** Of all requests, before anything of them is read. */
  readonly ofAll: MiddlewareHandler<Environment> = async ({ env }, next) => {
    expectNone(this.#addresses.take(this.#addressOf(env)), 'too many requests of this address');
    if (this.#open >= this.#rules.atOnce) throw HttpRefusal.later(503, 'too many requests at a time', 1);
    this.#open++;
    try {
      await next();
    } finally {
      this.#open--;
    }
  };

  /** Of reports. Who has signed one is not known yet: a stranger elsewhere does not use up what a device may. */
  readonly ofReports: MiddlewareHandler<Environment> = async ({ env, req }, next) => {
    expectNone(this.#devices.take(this.#keyOf(env, req)), 'too many reports of this device');
    await next();
  };

  /** Of backups, likewise. */
  readonly ofBackups: MiddlewareHandler<Environment> = async ({ env, req }, next) => {
    if (this.#openBackups >= this.#rules.backupsAtOnce) throw HttpRefusal.later(503, 'too many backups at a time', 60);
    expectNone(this.#backups.take(this.#keyOf(env, req)), 'too many backups of this device');
    this.#openBackups++;
    try {
      await next();
    } finally {
      this.#openBackups--;
    }
  };

  #keyOf(env: Environment['Bindings'], req: HonoRequest): string {
    return `${this.#addressOf(env)} ${req.header(DEVICE_HEADER)?.slice(0, 32)}`;
  }

  #addressOf({ incoming }: Environment['Bindings']): string {
    return clientAddress(incoming, this.#rules.isBehindProxy);
  }
}

function expectNone(seconds: number, problem: string): void {
  if (seconds > 0) throw HttpRefusal.later(429, problem, seconds);
}
