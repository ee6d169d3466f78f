import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { DeviceRequest, JoinRequest, TaggedOrders } from '@spikewire/fleet/controller';
import { COUNTER_HEADER, DEVICE_HEADER, readOrders, SIGNATURE_HEADER } from 'spikewire/agent';
import type { DeviceLink } from '../virtual-device.ts';

/** What came of the reports of some time. */
export class Heard {
  /** Milliseconds from a request to its whole answer, of reports that were taken. */
  readonly latencies: number[] = [];
  /** Of reports that were not taken, by status; `lost` without an answer. */
  readonly refused: Record<string, number> = {};

  refuse(reason: string | number): void {
    this.refused[reason] = (this.refused[reason] ?? 0) + 1;
  }
}

/** A device's way to its controller by HTTP, on a connection for each request, as devices do it. */
export class HttpLink implements DeviceLink {
  readonly #addresses: readonly URL[];
  /** Of the controller that answered last. */
  #current: number;
  /** The address of its own that a proxy would have seen. */
  readonly #client: string;
  readonly #heard: () => Heard;

  /**
   * @param addresses of controllers with one database; where one does not answer, the next is asked
   * @param index of the device, which gives it an address of its own
   */
  constructor(addresses: readonly string[], index: number, heard: () => Heard) {
    this.#addresses = addresses.map((address) => new URL(address));
    this.#current = index % addresses.length;
    this.#client = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
    this.#heard = heard;
  }

  async join(request: JoinRequest, sign: (path: string, body: Uint8Array) => DeviceRequest): Promise<void> {
    const signed = sign('/v1/join', Buffer.from(JSON.stringify(request)));
    const { status, body } = await this.#post(signed, {});
    if (status !== 200) throw new Error(`joining was answered by ${status}: ${body}`);
  }

  /** Undefined also where the controller does not take the report: the device has its orders. */
  async report(signed: DeviceRequest, _: unknown, etag?: string): Promise<TaggedOrders | undefined> {
    const heard = this.#heard();
    const start = performance.now();
    const answer = await this.#post(signed, etag === undefined ? {} : { 'if-none-match': etag }).catch(() => undefined);
    if (answer?.status !== 200 && answer?.status !== 204) {
      heard.refuse(answer?.status ?? 'lost');
      return undefined;
    }
    heard.latencies.push(performance.now() - start);
    return answer.status === 204 ? undefined : { orders: readOrders(answer.body), etag: answer.etag! };
  }

  async #post(signed: DeviceRequest, headers: Record<string, string>) {
    for (let left = this.#addresses.length - 1; ; left--) {
      const address = this.#addresses[this.#current]!;
      try {
        return await this.#postTo(address, signed, headers);
      } catch (failure) {
        this.#current = (this.#current + 1) % this.#addresses.length;
        if (left === 0) throw failure;
      }
    }
  }

  async #postTo(
    address: URL,
    { path, device, counter, signature, body }: DeviceRequest,
    headers: Record<string, string>,
  ) {
    const sending = httpRequest(new URL(path, address), {
      ...{ method: 'POST', agent: false, timeout: 30_000 },
      headers: {
        ...{ ...headers, 'content-type': 'application/json', 'content-length': String(body.length) },
        ...{ [DEVICE_HEADER]: device, [COUNTER_HEADER]: String(counter), [SIGNATURE_HEADER]: signature },
        'x-forwarded-for': this.#client,
      },
    });
    sending.on('timeout', () => sending.destroy(new Error('no answer')));
    sending.on('error', () => {}); // `once` rejects by it; one that comes after the answer has begun ends its body
    sending.end(body);
    const [response] = (await once(sending, 'response')) as [IncomingMessage];
    const parts: Buffer[] = [];
    for await (const part of response as AsyncIterable<Buffer>) parts.push(part);
    return { status: response.statusCode!, etag: response.headers.etag, body: Buffer.concat(parts).toString() };
  }
}
