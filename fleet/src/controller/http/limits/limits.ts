import type { IncomingMessage } from 'node:http';
import type { MiddlewareHandler } from 'hono';
import { REPORT_SECONDS } from '../../reports/interval.ts';
import type { Environment } from '../base/environment.ts';
import { HttpRefusal } from '../base/refusal.ts';
import { clientAddress } from './client-address.ts';
import { TokenBuckets, type TokenBucketsOptions } from './token-buckets.ts';

export interface LimitRules {
  /** Whether a proxy names the addresses of clients. */
  readonly isBehindProxy: boolean;
  /** Requests of strangers from one address: to join, for the page, and with a token that nobody has. */
  readonly ofAddress: TokenBucketsOptions;
  /** Requests with the token of one person. */
  readonly ofPerson: TokenBucketsOptions;
  /** Reports that one device has signed. */
  readonly ofDevice: TokenBucketsOptions;
  /** Backups that one device has signed. */
  readonly backupsOfDevice: TokenBucketsOptions;
  /** Parts of rounds that one device has signed. */
  readonly partsOfDevice: TokenBucketsOptions;
  /** Backups and parts that are received at a time, which are large. */
  readonly backupsAtOnce: number;
  /** Requests that are answered at a time: they bound what bodies take of memory. */
  readonly atOnce: number;
}

/**
 * What a controller permits. A device may report twice as often as it is to, and more often where hints wake it.
 * @param every mean time between two reports of a device, in seconds
 */
export function limitRules({ every = REPORT_SECONDS, isBehindProxy = false } = {}): LimitRules {
  return {
    isBehindProxy,
    ofAddress: { burst: 1000, perSecond: 20, most: 20_000 },
    ofPerson: { burst: 1000, perSecond: 50, most: 1000 },
    ofDevice: { burst: 20, perSecond: Math.max(0.2, 2 / every), most: 50_000 },
    backupsOfDevice: { burst: 8, perSecond: 1 / 10_800, most: 50_000 },
    partsOfDevice: { burst: 8, perSecond: 1 / 600, most: 50_000 },
    backupsAtOnce: 8,
    atOnce: 500,
  };
}

/** For which a request holds its place, even where its body has not come whole. */
const BODY_MILLISECONDS = 1000;

/** How often who may ask. All tables are bounded. */
export class Limits {
  readonly #rules: LimitRules;
  readonly #addresses: TokenBuckets;
  readonly #people: TokenBuckets;
  readonly #devices: TokenBuckets;
  /** Requests that are being answered, and when each began; the oldest first. */
  readonly #open = new Map<IncomingMessage, number>();
  readonly #backups: TokenBuckets;
  readonly #parts: TokenBuckets;
  #openBackups = 0;

  constructor(rules: LimitRules) {
    this.#rules = rules;
    this.#addresses = new TokenBuckets(rules.ofAddress);
    this.#people = new TokenBuckets(rules.ofPerson);
    this.#devices = new TokenBuckets(rules.ofDevice);
    this.#backups = new TokenBuckets(rules.backupsOfDevice);
    this.#parts = new TokenBuckets(rules.partsOfDevice);
  }

  /** Of all requests, before anything of their bodies is read. */
  readonly ofAll: MiddlewareHandler<Environment> = async ({ env: { incoming } }, next) => {
    if (this.#open.size >= this.#rules.atOnce) this.#dropSlow();
    this.#open.set(incoming, performance.now());
    try {
      await next();
    } finally {
      this.#open.delete(incoming);
    }
  };

  readonly ofStrangers: MiddlewareHandler<Environment> = async ({ env }, next) => {
    this.expectStranger(env);
    await next();
  };

  /** Throws where so many strangers have asked from the address of the request. */
  expectStranger({ incoming }: Environment['Bindings']): void {
    const address = clientAddress(incoming, this.#rules.isBehindProxy);
    expectNone(this.#addresses.take(address), 'too many requests of this address');
  }

  /** Throws where the person has asked too often. */
  expectPerson(id: string): void {
    expectNone(this.#people.take(id), 'too many requests of this person');
  }

  /** Throws where the device, which has signed its request, has reported too often. */
  expectDevice(id: string): void {
    expectNone(this.#devices.take(id), 'too many reports of this device');
  }

  /** Throws where the device, which has signed its request, has sent too many backups. */
  expectBackup(id: string): void {
    expectNone(this.#backups.take(id), 'too many backups of this device');
  }

  /** Throws where the device, which has signed its request, has sent too many parts. */
  expectPart(id: string): void {
    expectNone(this.#parts.take(id), 'too many parts of this device');
  }

  /** Bounds how many backups and parts are received at a time, before their bodies are read. */
  readonly ofBackups: MiddlewareHandler<Environment> = async (_, next) => {
    if (this.#openBackups >= this.#rules.backupsAtOnce)
      throw HttpRefusal.later(503, 'too many backups or parts at a time', 60);
    this.#openBackups++;
    try {
      await next();
    } finally {
      this.#openBackups--;
    }
  };

  /** Who sends a body little by little loses its place to others. Throws where there is nobody who does. */
  #dropSlow(): void {
    const late = performance.now() - BODY_MILLISECONDS;
    for (const [incoming, since] of this.#open) {
      if (since > late) break;
      if (incoming.complete) continue;
      this.#open.delete(incoming);
      incoming.destroy();
      return;
    }
    throw HttpRefusal.later(503, 'too many requests at a time', 1);
  }
}

function expectNone(seconds: number, problem: string): void {
  if (seconds > 0) throw HttpRefusal.later(429, problem, seconds);
}
