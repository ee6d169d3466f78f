import { extname } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import type { AddressEvents } from 'spikewire';
import {
  LAYOUTS,
  type LayoutName,
  layoutNamed,
  type SampleBlock,
  type SensorDriver,
  type SensorSettings,
  type SensorSize,
  type SpeakingSensor,
} from 'spikewire/sensors';
import { EventSteps } from './aer/event-steps.ts';
import { EventIntake, inputOf, type Places } from './aer/intake.ts';
import { Connection, Datagrams, EdvsLine, type Endpoint, type EventSource, Recorded } from './aer/sources.ts';
import { SteadyOrigin } from './reads/steady-origin.ts';
import { openByStty } from './serial.ts';

const DVS128: SensorSize = { width: 128, height: 128 };
/** Elements of an Input, at most: a step is an array of them. */
const MOST_ELEMENTS = 2 ** 18;
/** Bytes of a recording, at most. */
const MOST_BYTES = 2 ** 29;
const FILE_ENDINGS = ['.aedat', '.aedat2', '.aedat4', '.bin', '.dat'];
const FORMS = 'aer:udp://[host]:port, aer:tcp://host:port, aer:serial:/dev/tty… or aer:FILE.aedat4';

/**
 * Address events: an event camera, a recording of one, or spikes of another net, as `aer:udp://:8991?size=10x1`. A
 * sample has the number of events of each element of an Input within a step, by the time stamps of the events.
 */
export const aerDriver: SensorDriver = {
  scheme: 'aer',
  summary: 'address events of an event camera, of a recording, or of another net, counted in steps',
  settings: {
    size: 'columns and rows of the sensor, as 346x260; files may say it themselves',
    layout: `what the bits of an address mean: ${LAYOUTS.join(', ')} (default index: places are counted row by row)`,
    polarity: 'split: darker and brighter are elements of their own; merged: they are the same (default of neurons)',
    scale: 'join so many columns, and so many rows, to one (default 1)',
    step: 'seconds of a step (default 0.001)',
    late: 'steps by which an event may come late (default 2)',
    start: 'time stamp at which the first step begins, in seconds (default: with the first event)',
    speed: 'how many times as fast as it was recorded',
    baud: 'bits per second of a serial line (default 4000000)',
  },
  list: async () => [],
  async open(rest, settings) {
    const { source, places } = await openSource(rest, settings);
    return sensorOf(rest, settings, source, places);
  },
};

async function openSource(rest: string, settings: SensorSettings): Promise<{ source: EventSource; places: Places }> {
  const { address } = settings;
  const [, scheme] = /^(udp|tcp|serial):/.exec(rest) ?? [];
  if (scheme === 'serial') {
    const baud = settings.number('baud', { minimum: 50, maximum: 4_000_000, whole: true }) ?? 4_000_000;
    const source = new EdvsLine((signal) => openByStty(rest.slice('serial:'.length), baud, signal));
    return { source, places: placesOf(settings, 'dvs128', { size: DVS128 }) };
  }
  if (scheme === undefined) {
    if (settings.text('layout') !== undefined) {
      throw new SpikewireError('usage', address, 'has a layout', 'none: a recording says its own');
    }
    const events = await readRecording(rest, address);
    const source = new Recorded(events, settings.number('speed', { minimum: 1e-6 }) ?? 1);
    return { source, places: placesOf(settings, 'index', events) };
  }
  const endpoint = endpointOf(rest, address);
  const source = scheme === 'udp' ? new Datagrams(endpoint) : new Connection(endpoint);
  const layout = settings.word('layout', LAYOUTS);
  const known = layout === 'index' ? { polarities: 1 as const } : layout === 'dvs128' ? { size: DVS128 } : {};
  return { source, places: placesOf(settings, layout, known) };
}

function sensorOf(rest: string, settings: SensorSettings, source: EventSource, places: Places): SpeakingSensor {
  const { width, height, elements } = inputOf(places);
  if (elements > MOST_ELEMENTS) {
    const expected = `at most ${MOST_ELEMENTS}, such as by scale=${places.scale * 2}`;
    throw new SpikewireError('usage', settings.address, `gives ${elements} numbers in a step`, expected);
  }
  const step = (settings.number('step', { minimum: 1e-6, maximum: 3600 }) ?? 0.001) * 1e6;
  const late = settings.number('late', { minimum: 0, maximum: 1000, whole: true }) ?? 2;
  const seconds = settings.number('start', { minimum: 0 });
  const start = seconds === undefined ? undefined : seconds * 1e6;
  const steps = new EventSteps({ elements, step, late, start });
  const intake = new EventIntake(places);
  const name = `${rest}, ${width}x${height}${places.split ? ', darker and brighter' : ''}`;
  return {
    description: {
      address: settings.address,
      name,
      channels: Array.from({ length: elements }, (_, k) => ({ name: `event ${k}`, unit: '' })),
      rate: 1e6 / step,
      timed: 'at the source',
      counts: 'events',
    },
    samples: (signal) => samplesOf(source, intake, steps, signal),
    counted: () => ({ ...intake.counts, ...steps.counts, ...source.counts }),
  };
}

async function* samplesOf(
  source: EventSource,
  intake: EventIntake,
  steps: EventSteps,
  signal: AbortSignal,
): AsyncGenerator<SampleBlock> {
  const ended = new AbortController();
  const origin = new SteadyOrigin();
  const originAt = (seconds: number) => origin.at(seconds);
  let failure: unknown;
  intake.begin();
  const running = source
    .run(intake, AbortSignal.any([signal, ended.signal]))
    .catch((problem) => {
      failure = problem;
    })
    .then(() => intake.end());
  try {
    for (let isOpen = true; isOpen; ) {
      isOpen = await intake.wait();
      const isEmpty = () => intake.drain((time, element) => steps.take(time, element)) && (isOpen || steps.finish());
      for (let isDone = false; !isDone; ) {
        isDone = isEmpty();
        const block = steps.takeBlock(originAt);
        if (block !== undefined) yield block;
      }
    }
  } finally {
    ended.abort();
    await running;
  }
  if (failure !== undefined) throw failure;
}

/** Throws `usage` where nothing says how large the sensor is, or its addresses cannot be. */
function placesOf(
  settings: SensorSettings,
  layoutName: LayoutName,
  known: Pick<AddressEvents, 'size' | 'polarities'>,
): Places {
  const size = sizeIn(settings) ?? known.size;
  if (size === undefined) throw new SpikewireError('usage', settings.address, 'says no size', 'size=WIDTHxHEIGHT');
  const words = known.polarities === 1 ? (['merged', 'split'] as const) : (['split', 'merged'] as const);
  const split = settings.word('polarity', words) === 'split';
  const layout = layoutNamed(layoutName, size, split ? 2 : 1);
  const { width, height } = layout.most;
  if (size.width > width || size.height > height) {
    const problem = `has size=${size.width}x${size.height}`;
    throw new SpikewireError(
      'usage',
      settings.address,
      problem,
      `at most ${width}x${height}, as in layout ${layout.name}`,
    );
  }
  const scale = settings.number('scale', { minimum: 1, maximum: 4096, whole: true }) ?? 1;
  return { layout, size, split, scale };
}

function sizeIn(settings: SensorSettings): SensorSize | undefined {
  const text = settings.text('size');
  if (text === undefined) return undefined;
  const [width, height] = (/^(\d{1,5})x(\d{1,5})$/.exec(text)?.slice(1) ?? []).map(Number);
  if (width && height) return { width, height };
  throw new SpikewireError('usage', settings.address, `has size=${text}`, 'WIDTHxHEIGHT, such as 346x260');
}

/** Without a host only this machine is listened to. */
function endpointOf(rest: string, address: string): Endpoint {
  const [, name, digits] = /^\w+:\/\/(.*):(\d{1,5})$/.exec(rest) ?? [];
  const port = Number(digits);
  if (name === undefined || port > 65_535) {
    throw new SpikewireError('usage', address, 'names no place', FORMS);
  }
  return { address, host: name === '' ? '127.0.0.1' : name.replace(/^\[(.*)\]$/, '$1'), port };
}

async function readRecording(path: string, address: string): Promise<AddressEvents> {
  const ending = extname(path).toLowerCase();
  if (!FILE_ENDINGS.includes(ending)) {
    throw new SpikewireError('usage', address, 'has an unknown extension', `${FILE_ENDINGS.join(', ')}; or ${FORMS}`);
  }
  const [{ readAedat, readNMnist, readPropheseeDat }, { readWholeFile }] = await Promise.all([
    import('spikewire'),
    import('spikewire/data'),
  ]);
  const read = ending === '.bin' ? readNMnist : ending === '.dat' ? readPropheseeDat : readAedat;
  const bytes = await readWholeFile(path, MOST_BYTES, 'a recording');
  try {
    return read(bytes);
  } catch (cause) {
    if (!(cause instanceof SpikewireError)) throw cause;
    throw new SpikewireError(cause.code, path, cause.message, undefined, cause);
  }
}
