import { SpikewireError } from '@spikewire/models';
import { type Certificates, type HttpAnswer, httpRequest } from './http-request.ts';
import type { Identity } from './identity.ts';
import { LARGEST_ORDERS, type Orders, readOrders } from './orders.ts';
import type { DeviceReport } from './report.ts';
import { COUNTER_HEADER, DEVICE_HEADER, SIGNATURE_HEADER, signRequest } from './signed-request.ts';
import { MOST_SHARED_BASES, readWantedParts, type SharedBase, type WantedParts } from './wanted-parts.ts';

/** The controller is busy, and wants to be left alone for so long. */
export type BusyAnswer = { readonly kind: 'busy'; readonly seconds: number };

/** What a controller answers to a request to join. */
export type JoinAnswer = { readonly kind: 'joined' } | { readonly kind: 'dismissed' } | BusyAnswer;

/** What a controller answers to a report. */
export type ReportAnswer =
  | { readonly kind: 'orders'; readonly orders: Orders; readonly etag: string | undefined }
  /** The last orders still hold. */
  | { readonly kind: 'unchanged' }
  /** The device was revoked or retired. */
  | { readonly kind: 'dismissed' }
  | BusyAnswer;

/** Which parts a controller wants; `unknown`: it is of an earlier release, which has no rounds. */
export type WantedAnswer = ({ readonly kind: 'wanted' } & WantedParts) | { readonly kind: 'unknown' } | BusyAnswer;

/** What a controller answers to a part. `refused`: sending it again does not help. */
export type PartAnswer =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly reason: string }
  | BusyAnswer;

export interface LinkOptions {
  /** Certificates for a controller behind `https://`. */
  readonly tls?: Certificates | undefined;
  /** Milliseconds that a request may take. Default: 30 s. */
  readonly patience?: number;
  /** Milliseconds since 1970, as far as the machine knows. */
  readonly now?: () => number;
}

const PATIENCE_MS = 30_000;
/** One answer may be forged, and the next one says which counter the controller really has. */
const MOST_ATTEMPTS = 3;
/** What is above is left to count on. */
const HIGHEST_COUNTER = 2 ** 52;
/** For which a controller may ask to be left alone. */
const LONGEST_REST_SECONDS = 86_400;
const DEFAULT_REST_SECONDS = 60;

/**
 * How a device talks to its controller: by signed requests, of which each has a counter of its own. It begins with the
 * time of the start, so that nothing has to be kept; where that is not above the last one, or far above it, the
 * controller says where to continue.
 */
export class ControllerLink {
  readonly #identity: Identity;
  readonly #patience: number;
  readonly #tls: Certificates | undefined;
  readonly #now: () => number;
  /** Of the last request; undefined before the first one. */
  #counter: number | undefined;

  constructor(identity: Identity, { patience = PATIENCE_MS, now = Date.now, tls }: LinkOptions = {}) {
    [this.#identity, this.#patience, this.#now, this.#tls] = [identity, patience, now, tls];
  }

  /**
   * Joins; may be repeated. `dismissed`: the device was revoked or retired before. Rejects with `link` where that may
   * go well later, with `access` where the token is refused.
   */
  async join(token: string, signal: AbortSignal): Promise<JoinAnswer> {
    const { publicKey, name, device } = this.#identity;
    const answer = await this.#postJson('/v1/join', { token, publicKey, name }, {}, signal);
    if (answer.status === 410 && this.#isDismissal(answer)) return { kind: 'dismissed' };
    if (isBusy(answer)) return { kind: 'busy', seconds: restIn(answer) };
    if (answer.status === 403) {
      const problem = `refuses the token: ${errorIn(answer)}`;
      throw new SpikewireError('access', this.#where, problem, '--join with a new one of "spikewire fleet token"');
    }
    if (answer.status !== 200) throw this.#unexpected(answer);
    const said = jsonIn(answer) as { readonly device?: unknown } | null | undefined;
    if (said?.device !== device) throw new SpikewireError('link', this.#where, 'gives another id', device);
    return { kind: 'joined' };
  }

  /** Rejects with `link`; with `access` where the controller does not know the device. */
  async report(report: DeviceReport, etag: string | undefined, signal: AbortSignal): Promise<ReportAnswer> {
    const headers = etag === undefined ? {} : { 'if-none-match': etag };
    const answer = await this.#postJson('/v1/report', report, headers, signal);
    if (isBusy(answer)) return { kind: 'busy', seconds: restIn(answer) };
    switch (answer.status) {
      case 200:
        return { kind: 'orders', orders: readOrders(answer.body.toString()), etag: etagIn(answer) };
      case 204:
        return { kind: 'unchanged' };
      case 410:
        if (!this.#isDismissal(answer)) throw this.#unexpected(answer);
        return { kind: 'dismissed' };
      case 401: {
        const problem = `does not know this device: ${errorIn(answer)}`;
        throw new SpikewireError('access', this.#where, problem, '--join with a new one of "spikewire fleet token"');
      }
      default:
        throw this.#unexpected(answer);
    }
  }

  /**
   * Gives the controller a sealed backup. Resolves with seconds where it is busy for so long, else undefined: it keeps
   * the backup. Rejects with `link`.
   */
  async backUp(sealed: Uint8Array, signal: AbortSignal): Promise<number | undefined> {
    const answer = await this.#post('/v1/backup', sealed, { 'content-type': 'application/octet-stream' }, signal);
    if (answer.status === 204) return undefined;
    if (isBusy(answer)) return restIn(answer);
    throw this.#unexpected(answer);
  }

  /** Asks which parts open rounds want of these bases, of which the first 64 are named. Rejects with `link`. */
  async wantedParts(bases: readonly SharedBase[], signal: AbortSignal): Promise<WantedAnswer> {
    const said = { bases: bases.slice(0, MOST_SHARED_BASES) };
    const answer = await this.#postJson('/v1/wanted', said, {}, signal);
    if (isBusy(answer)) return { kind: 'busy', seconds: restIn(answer) };
    if (answer.status === 404 || answer.status === 405) return { kind: 'unknown' };
    if (answer.status !== 200) throw this.#unexpected(answer);
    return { kind: 'wanted', ...readWantedParts(answer.body.toString()) };
  }

  /** Gives a part to its round; may be repeated. Rejects with `link`. */
  async sendPart(part: Uint8Array, signal: AbortSignal): Promise<PartAnswer> {
    const answer = await this.#post('/v1/part', part, { 'content-type': 'application/octet-stream' }, signal);
    if (answer.status === 204) return { kind: 'taken' };
    if (isBusy(answer)) return { kind: 'busy', seconds: restIn(answer) };
    if (answer.status === 400 || answer.status === 404 || answer.status === 422)
      return { kind: 'refused', reason: errorIn(answer) };
    throw this.#unexpected(answer);
  }

  /** Other servers answer 410, too, such as one that has taken the controller's place. */
  #isDismissal(answer: HttpAnswer): boolean {
    return (jsonIn(answer) as { readonly device?: unknown } | null | undefined)?.device === this.#identity.device;
  }

  get #where(): string {
    return `controller ${this.#identity.controller}`;
  }

  #postJson(path: string, said: object, headers: Readonly<Record<string, string>>, signal: AbortSignal) {
    const body = Buffer.from(JSON.stringify(said));
    return this.#post(path, body, { ...headers, 'content-type': 'application/json' }, signal);
  }

  /** The answer, after the controller has said which counters it has seen. */
  async #post(
    path: string,
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#send(path, body, headers, signal);
      if (answer.status !== 409 || attempt === MOST_ATTEMPTS) return answer;
      const { counter } = (jsonIn(answer) ?? {}) as { readonly counter?: unknown };
      const isCounter = Number.isInteger(counter) && (counter as number) >= 0 && (counter as number) <= HIGHEST_COUNTER;
      if (!isCounter) throw this.#unexpected(answer);
      this.#counter = counter as number;
    }
  }

  async #send(
    path: string,
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const { device, key, controller } = this.#identity;
    const counter = this.#counter === undefined ? Math.max(1, Math.floor(this.#now())) : this.#counter + 1;
    this.#counter = counter;
    const request = { path, device, counter, body };
    const late = AbortSignal.timeout(this.#patience);
    try {
      return await httpRequest({
        method: 'POST',
        url: new URL(controller.replace(/\/*$/, path)),
        headers: {
          ...{ ...headers, 'accept-encoding': 'identity' },
          [DEVICE_HEADER]: device,
          [COUNTER_HEADER]: String(counter),
          [SIGNATURE_HEADER]: signRequest(request, key),
        },
        ...{ body, most: LARGEST_ORDERS, tls: this.#tls, signal: AbortSignal.any([signal, late]) },
      });
    } catch (cause) {
      if (signal.aborted) throw cause;
      const reason = late.aborted ? `no whole answer within ${this.#patience / 1000} s` : reasonOf(cause);
      throw new SpikewireError('link', this.#where, `cannot be reached (${reason})`, undefined, cause);
    }
  }

  #unexpected(answer: HttpAnswer): SpikewireError {
    return new SpikewireError('link', this.#where, `answers ${answer.status}: ${errorIn(answer)}`);
  }
}

function jsonIn({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

/** One line of it, for people. */
const LONGEST_ERROR = 200;

function errorIn(answer: HttpAnswer): string {
  const { error } = (jsonIn(answer) ?? {}) as { readonly error?: unknown };
  return typeof error === 'string' ? error.replace(/\p{C}/gu, ' ').slice(0, LONGEST_ERROR) : 'without a reason';
}

/** What can be sent back as it came. */
function etagIn({ headers }: HttpAnswer): string | undefined {
  const { etag } = headers;
  return etag !== undefined && /^[!-~]{1,200}$/.test(etag) ? etag : undefined;
}

function isBusy({ status }: HttpAnswer): boolean {
  return status === 429 || status === 503;
}

function restIn({ headers }: HttpAnswer): number {
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return seconds >= 1 ? Math.min(seconds, LONGEST_REST_SECONDS) : DEFAULT_REST_SECONDS;
}

/** That a host refused at each of its addresses has no message. */
function reasonOf(cause: unknown): string {
  const { message, code } = cause as NodeJS.ErrnoException;
  return message || String(code);
}
