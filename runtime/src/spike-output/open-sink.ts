import { elementCount, type Shape, SpikewireError } from '@spikewire/models';
import type { SensorSize } from '../address-events/address-events.ts';
import type { AddressLayout } from '../address-events/address-layout.ts';
import { LAYOUTS, type LayoutName, layoutNamed } from '../address-events/address-layout.ts';
import { SensorSettings, splitAddress } from '../sensors/settings.ts';
import type { SpikeSink } from './spike-sink.ts';

const SCHEME = 'aer:';
const SERIAL = 'serial:';
const SETTINGS = ['layout', 'max', 'baud'];
const FORMS = 'aer:udp://HOST:PORT, aer:tcp://HOST:PORT, aer:serial:/dev/tty…, aer:FILE.aedat or aer:FILE.bin';
const DEFAULT_MOST = 2 ** 26;
/** What N-MNIST can hold: a byte each, without a row that means something else. */
const N_MNIST: SensorSize = { width: 256, height: 240 };
/** What an eDVS has. */
const EDVS: SensorSize = { width: 128, height: 128 };
const EDVS_BAUD = 4_000_000;
/** What a reader of recordings takes: columns and rows of 16 bits. */
const RECORDING: SensorSize = { width: 65_536, height: 65_536 };

/** Where the elements of a node stand on a sensor. */
export interface Field {
  readonly size: SensorSize;
  readonly polarities: 1 | 2;
}

/** As an image where the shape is one of [height, width] or of at most two such, else as a row. */
export function fieldOf(shape: Shape): Field {
  const image = shape.length === 2 ? [1, ...shape] : shape;
  const [polarities, height, width] = image;
  if (image.length === 3 && polarities! <= 2) {
    return { size: { width: width!, height: height! }, polarities: polarities as 1 | 2 };
  }
  return { size: { width: elementCount(shape), height: 1 }, polarities: 1 };
}

/**
 * Opens where the spikes of a node go: `aer:udp://host:port`, `aer:tcp://host:port`, which others connect to,
 * `aer:serial:/dev/ttyUSB0?baud=115200`, `aer:FILE.aedat` or `aer:FILE.bin`; `?layout=davis` says what addresses mean,
 * `?max=64000000` how many bytes a file may have. Rejects with `usage` for any other address, `input` or `file` where
 * that is not to be had.
 */
export async function openSink(
  address: string,
  { size, polarities }: Field,
  warn: (line: string) => void,
): Promise<{ sink: SpikeSink; layout: AddressLayout }> {
  if (!address.startsWith(SCHEME)) throw new SpikewireError('usage', address, 'is not an address for events', FORMS);
  const { name, texts } = splitAddress(address.slice(SCHEME.length));
  const settings = new SensorSettings(address, texts);
  const stranger = [...texts.keys()].find((key) => !SETTINGS.includes(key));
  if (stranger !== undefined) {
    throw new SpikewireError('usage', address, `has unknown setting "${stranger}"`, SETTINGS.join(', '));
  }
  const layout = layoutNamed(settings.word<LayoutName>('layout', LAYOUTS), size, polarities);
  expectRoom(address, size, layout.most);
  const [, scheme, host, digits] = /^(udp|tcp):\/\/(.*):(\d{1,5})$/.exec(name) ?? [];
  if (scheme !== undefined && Number(digits) <= 65_535) {
    const plain = host === '' ? '127.0.0.1' : host!.replace(/^\[(.*)\]$/, '$1');
    const { DatagramSink } = await import('./datagram-sink.ts');
    const { ServerSink } = await import('./server-sink.ts');
    const kind = scheme === 'udp' ? DatagramSink : ServerSink;
    return { sink: await kind.open(address, plain, Number(digits)), layout };
  }
  if (name.startsWith(SERIAL)) {
    expectRoom(address, size, EDVS);
    const baud = settings.number('baud', { minimum: 50, maximum: EDVS_BAUD, whole: true }) ?? EDVS_BAUD;
    const { SerialSink } = await import('./serial-sink.ts');
    return { sink: await SerialSink.open(address, name.slice(SERIAL.length), baud, warn), layout };
  }
  const ending = /\.(aedat2?|bin)$/i.exec(name)?.[1]?.toLowerCase();
  if (ending === undefined) throw new SpikewireError('usage', address, 'names no place', FORMS);
  expectRoom(address, size, ending === 'bin' ? N_MNIST : RECORDING);
  const most = settings.number('max', { minimum: 1024, whole: true }) ?? DEFAULT_MOST;
  const { FileSink } = await import('./file-sink.ts');
  return { sink: await FileSink.open(name, { layout, size, polarities, most, warn }), layout };
}

function expectRoom(address: string, { width, height }: SensorSize, most: SensorSize): void {
  if (width <= most.width && height <= most.height) return;
  const problem = `cannot hold ${width}x${height} neurons`;
  throw new SpikewireError('usage', address, problem, `at most ${most.width}x${most.height}`);
}
