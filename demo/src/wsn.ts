import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { SpikewireError } from '@spikewire/models';

/** One mote's stream of the labelled wireless sensor network data; readings are 5 s apart. */
export interface MoteStream {
  /** Such as `single-hop-1`; fits into a topic. */
  readonly id: string;
  /** Such as `single-hop mote 1 (indoor)`. */
  readonly name: string;
  readonly readings: readonly MoteReading[];
  /** The labelled events, as first and last reading (indices in `readings`). */
  readonly events: readonly { readonly first: number; readonly last: number }[];
}

export interface MoteReading {
  /** °C. */
  readonly temperature: number;
  /** Per cent. */
  readonly humidity: number;
  readonly labelled: boolean;
}

export const MOTE_READING_INTERVAL_MS = 5000;

/** The eight streams of the data shipped with the package (data/wsn, see its SOURCE.txt). */
export async function loadMoteStreams(): Promise<MoteStream[]> {
  const networks = await Promise.all(['single-hop', 'multi-hop'].map(loadNetwork));
  return networks.flat();
}

async function loadNetwork(network: string): Promise<MoteStream[]> {
  const file = new URL(`../data/wsn/${network}.csv.gz`, import.meta.url);
  const [header, ...rows] = gunzipSync(await readFile(file))
    .toString('utf8')
    .trim()
    .split(/\r?\n/);
  if (header !== 'reading,mote_id,indoor,humidity,temperature,label') {
    throw new SpikewireError(
      'file',
      `data/wsn/${network}.csv.gz`,
      `has header "${header}"`,
      'the columns named in SOURCE.txt',
    );
  }
  const motes = new Map<string, { indoor: boolean; readings: MoteReading[] }>();
  for (const row of rows) {
    const [, mote, indoor, humidity, temperature, label] = row.split(',') as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const stream = motes.get(mote) ?? { indoor: indoor === '1', readings: [] };
    motes.set(mote, stream);
    stream.readings.push({ temperature: Number(temperature), humidity: Number(humidity), labelled: label === '1' });
  }
  return [...motes].map(([mote, { indoor, readings }]) => ({
    id: `${network}-${mote}`,
    name: `${network} mote ${mote} (${indoor ? 'indoor' : 'outdoor'})`,
    readings,
    events: labelledEvents(readings),
  }));
}

function labelledEvents(readings: readonly MoteReading[]): { first: number; last: number }[] {
  const events: { first: number; last: number }[] = [];
  for (const [index, { labelled }] of readings.entries()) {
    if (!labelled) continue;
    const open = events.at(-1);
    if (open !== undefined && open.last === index - 1) open.last = index;
    else events.push({ first: index, last: index });
  }
  return events;
}
