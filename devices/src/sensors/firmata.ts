import { SpikewireError } from '@spikewire/models';
import type { SampleBlock, SensorDriver } from 'spikewire/sensors';
import { type EncoderSettings, FirmataBoard } from '../firmata/board.ts';
import { HeldSamples } from '../firmata/held-samples.ts';
import { openSerialLine } from '../firmata/serial-line.ts';
import { SampleInbox } from './reads/inbox.ts';

/** A board that has nothing to say says so each second. */
const SILENCE_MS = 5000;
/** Analog inputs of an Uno. */
const INPUTS = [0, 1, 2, 3, 4, 5];
/** Seconds of samples that are made of one frame at most. */
const MOST_HELD = 10;

/**
 * Analog inputs of an Arduino Uno with the firmware of devices/firmware: `firmata:/dev/ttyACM0?inputs=0,1&rate=100`.
 * The board samples them by its timer and sends what changes by the threshold; here all samples are made of it again, 0
 * to 1023 of its supply. Where the line lost a frame, samples are left out until the board has said all values anew.
 */
export const firmataDriver: SensorDriver = {
  scheme: 'firmata',
  summary: 'analog inputs of an Arduino Uno with our firmware, sent when they change',
  settings: {
    inputs: 'numbers of the analog inputs (default 0)',
    rate: 'samples of each per second, 1 to 5000 (default 100)',
    threshold: 'change from which on it is sent, in 1024 steps of the supply (default 4)',
    gather: 'samples that may wait to be sent together, 0 to 127 (default 0)',
  },
  list: async () => [],
  async open(path, settings) {
    const { address } = settings;
    const inputs = settings.numbers('inputs', { minimum: 0 }) ?? [0];
    if (inputs.some((input) => !INPUTS.includes(input)) || new Set(inputs).size < inputs.length) {
      throw new SpikewireError('usage', address, `has inputs=${inputs}`, `different ones of ${INPUTS}`);
    }
    const rate = settings.number('rate', { minimum: 1, maximum: 5000 }) ?? 100;
    const threshold = settings.number('threshold', { minimum: 1, maximum: 1023, whole: true }) ?? 4;
    const gather = settings.number('gather', { minimum: 0, maximum: 127, whole: true }) ?? 0;
    const period = Math.round(1e6 / rate);
    const channels = inputs.map((input) => ({ name: `A${input}`, unit: '' }));
    return {
      description: { address, name: path, channels, rate: 1e6 / period, timed: 'at the source' },
      samples: (signal) => follow(path, { code: 'values', channels: inputs, period, threshold, gather }, signal),
    };
  },
};

/** Samples of a board that sends values; throws `input` where it is silent. */
async function* follow(path: string, settings: EncoderSettings, signal: AbortSignal): AsyncGenerator<SampleBlock> {
  const board = await FirmataBoard.open(await openSerialLine(path), { name: path });
  const [inbox, silence] = [new SampleInbox(), new AbortController()];
  const patience = setTimeout(() => silence.abort(), SILENCE_MS);
  const { channels, period } = settings;
  const held = new HeldSamples(channels);
  let origin = Date.now();
  board.onFrame = (frame) => {
    patience.refresh();
    const { first, values } = held.take(frame, Math.ceil((MOST_HELD * 1e6) / period));
    const length = values.length / channels.length;
    const times = Float64Array.from({ length }, (_, k) => ((first + k) * period) / 1e6);
    if (length > 0) inbox.push({ origin, times, values });
    // Samples have no values until all are known again; where the answer is lost as well, the next gap asks anew.
    if (frame.lost > 0) board.refresh().catch(() => {});
  };
  try {
    await board.encode(settings);
    origin = Date.now();
    patience.refresh();
    yield* inbox.taken(AbortSignal.any([signal, silence.signal]));
    if (!signal.aborted) throw new SpikewireError('input', path, 'is silent', 'a board that is still there');
  } finally {
    clearTimeout(patience);
    await board.close();
  }
}
