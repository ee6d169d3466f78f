import { encodeKeys, MOST_KEYS } from './eieio.ts';
import { encodeSdp, NO_REPLY } from './sdp.ts';

/** Packets that go one after another, and how long the board then wants nothing (live_event_connection.py). */
const BURST = 6;
const PAUSE_MS = 100;
/** The port of SDP at which an injector takes spikes. */
const PORT = 1;

/** A population that takes spikes. */
export interface Injector {
  readonly core: { readonly x: number; readonly y: number; readonly cpu: number };
  /** By neuron: what is sent for it. */
  readonly keys: readonly number[];
  readonly bits: 16 | 32;
}

/** Spikes of one step into one injector: datagrams of a live injection, 127 short or 63 long keys in each. */
export function injection({ core, keys, bits }: Injector, neurons: readonly number[]): Uint8Array[] {
  const most = MOST_KEYS[bits];
  const header = { flags: NO_REPLY, tag: 0, to: { ...core, port: PORT }, from: { x: 0, y: 0, cpu: 0, port: 0 } };
  return Array.from({ length: Math.ceil(neurons.length / most) }, (_, k) => {
    const some = neurons.slice(k * most, (k + 1) * most);
    return encodeSdp(
      header,
      encodeKeys(
        some.map((n) => keys[n]!),
        bits,
      ),
    );
  });
}

/** Sends the datagrams of one step, with a pause behind each six of them that others follow. */
export async function sendBurst(datagrams: readonly Uint8Array[], send: (datagram: Uint8Array) => void) {
  for (const [k, datagram] of datagrams.entries()) {
    if (k > 0 && k % BURST === 0) await new Promise((done) => setTimeout(done, PAUSE_MS));
    send(datagram);
  }
}
