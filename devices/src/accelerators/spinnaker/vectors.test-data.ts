import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('../../../../test/golden/data/spinnaker/', import.meta.url);

export const goldenFile = (name: string) => fileURLToPath(new URL(name, FOLDER));

interface PlaceMeaning {
  readonly flags: number;
  readonly tag: number;
  readonly dest_port: number;
  readonly dest_cpu: number;
  readonly dest_x: number;
  readonly dest_y: number;
  readonly src_port: number;
  readonly src_cpu: number;
  readonly src_x: number;
  readonly src_y: number;
}

/** Bytes of SpiNNMan's own encoders, and hand-made replies that its decoders read. */
export interface Vector<Meaning> {
  readonly kind: string;
  readonly name: string;
  readonly hex: string;
  readonly meaning: Meaning;
}

export interface Meanings {
  readonly 'scp-request': {
    readonly sdp: PlaceMeaning;
    readonly scp: Record<'command' | 'sequence' | 'arg1' | 'arg2' | 'arg3', number> & { readonly data_hex: string };
  };
  readonly 'scp-reply': {
    readonly sdp: PlaceMeaning;
    readonly rc: number;
    readonly sequence: number;
    readonly payload_hex: string;
    readonly error: string | null;
    readonly decoded: Record<string, unknown> | string | null;
  };
  readonly 'sdp-header': PlaceMeaning;
  readonly 'eieio-data': {
    readonly type: string;
    readonly events: readonly (readonly [number, number | null])[];
    readonly payload_is_timestamp: boolean;
  };
  readonly 'eieio-injection': {
    readonly type: string;
    readonly sdp: PlaceMeaning;
    readonly events: readonly (readonly [number, null])[];
  };
  readonly 'eieio-command': { readonly command: number; readonly path?: string | null };
  readonly malformed: { readonly what: string };
}

const { vectors } = JSON.parse(readFileSync(goldenFile('vectors.json'), 'utf8')) as {
  vectors: readonly Vector<unknown>[];
};

export function vectorsOf<Kind extends keyof Meanings>(kind: Kind): readonly Vector<Meanings[Kind]>[] {
  return vectors.filter((vector) => vector.kind === kind) as readonly Vector<Meanings[Kind]>[];
}

export const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
export const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** A header as this driver says it. */
export function headerOf(given: PlaceMeaning) {
  return {
    flags: given.flags,
    tag: given.tag,
    to: { x: given.dest_x, y: given.dest_y, cpu: given.dest_cpu, port: given.dest_port },
    from: { x: given.src_x, y: given.src_y, cpu: given.src_cpu, port: given.src_port },
  };
}
