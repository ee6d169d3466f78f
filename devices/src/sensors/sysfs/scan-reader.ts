import { join } from 'node:path';
import type { SampleBlock } from 'spikewire/sensors';
import { readDecimal } from './attribute.ts';
import { type Scaling, scaled } from './scaling.ts';
import { decodeScan, layOutScan, parseScanType, type ScanType } from './scan.ts';
import { readText } from './tree.ts';

interface Element extends Scaling {
  readonly type: ScanType;
  /** Its place in a scan, in bytes. */
  readonly at: number;
}

/** Where a number of a scan is found and what it comes to. */
export interface ScanChannel extends Scaling {
  /** Name of its files among the scan elements, without their endings. */
  readonly attribute: string;
}

/** From the bytes of scans to samples. */
export class ScanReader {
  /** Of a scan. */
  readonly bytes: number;
  readonly #elements: readonly Element[];
  /** Where the time of a scan is, where there is one. */
  readonly #timeAt: number | undefined;
  readonly #littleEndian: boolean;
  /** Of scans without a time. */
  readonly #rate: number;
  #rest = new Uint8Array();
  #origin: number | undefined;
  #first = 0n;
  #taken = 0;

  /** @param folder of the scan elements, as the kernel lays them out for these channels */
  static async of(
    folder: string,
    channels: readonly ScanChannel[],
    hasTime: boolean,
    rate: number | undefined,
  ): Promise<ScanReader> {
    const names = [...channels.map(({ attribute }) => attribute), ...(hasTime ? ['in_timestamp'] : [])];
    const entries = await Promise.all(
      names.map(async (name, k) => {
        const file = join(folder, `${name}_type`);
        const type = parseScanType((await readText(file)) ?? '', file);
        return { k, type, index: await readDecimal(join(folder, `${name}_index`)) };
      }),
    );
    const inOrder = [...entries].sort((a, b) => a.index - b.index);
    const layout = layOutScan(inOrder.map(({ type }) => type));
    const places = new Map(inOrder.map(({ k }, at) => [k, layout.offsets[at]!]));
    const elements = channels.map((channel, k) => ({
      ...channel,
      type: entries[k]!.type,
      at: places.get(k)!,
    }));
    const time = hasTime ? { at: places.get(channels.length)!, type: entries.at(-1)!.type } : undefined;
    return new ScanReader(layout.bytes, elements, time, rate ?? 1);
  }

  private constructor(
    bytes: number,
    elements: readonly Element[],
    time: { readonly at: number; readonly type: ScanType } | undefined,
    rate: number,
  ) {
    this.bytes = bytes;
    this.#elements = elements;
    this.#timeAt = time?.at;
    this.#littleEndian = time?.type.littleEndian ?? true;
    this.#rate = rate;
  }

  /** The scans that are complete with these bytes; undefined where none is. */
  take(piece: Uint8Array, isRealTime: boolean): SampleBlock | undefined {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    const count = Math.floor(bytes.length / this.bytes);
    this.#rest = bytes.slice(count * this.bytes);
    if (count === 0) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, count * this.bytes);
    this.#begin(view, count, isRealTime);
    const times = Float64Array.from({ length: count }, (_, k) => this.#timeOf(view, k));
    const channels = this.#elements.length;
    const values = new Float64Array(count * channels);
    for (let k = 0; k < count; k++) {
      for (let c = 0; c < channels; c++) {
        const element = this.#elements[c]!;
        const raw = decodeScan(view, k * this.bytes + element.at, element.type);
        values[k * channels + c] = scaled(raw, element);
      }
    }
    this.#taken += count;
    return { origin: this.#origin!, times, values };
  }

  #begin(view: DataView, count: number, isRealTime: boolean): void {
    if (this.#origin !== undefined) return;
    if (this.#timeAt !== undefined) this.#first = view.getBigInt64(this.#timeAt, this.#littleEndian);
    const began = this.#timeAt === undefined ? Date.now() - (1000 * (count - 1)) / this.#rate : Date.now();
    this.#origin = isRealTime && this.#timeAt !== undefined ? Number(this.#first) / 1e6 : began;
  }

  /** Seconds since the first scan, to the nanosecond. */
  #timeOf(view: DataView, k: number): number {
    if (this.#timeAt === undefined) return (this.#taken + k) / this.#rate;
    return Number(view.getBigInt64(k * this.bytes + this.#timeAt, this.#littleEndian) - this.#first) / 1e9;
  }
}
