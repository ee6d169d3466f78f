import { setTimeout as delay } from 'node:timers/promises';
import { SpikewireError } from '@spikewire/models';
import { type SampleBlock, type SensorDriver, SensorSettings } from 'spikewire/sensors';
import { FirmataBoard } from '../firmata/board.ts';
import { HeldSamples } from '../firmata/held-samples.ts';
import { openSerialLine } from '../firmata/serial-line.ts';

/** A board that has nothing to say says so each second. */
const SILENCE_MS = 5000;
/** Analog inputs of an Uno. */
const INPUTS = [0, 1, 2, 3, 4, 5];
/** Seconds of samples that are made of one frame at most. */
const MOST_HELD = 10;

/**
 * Analog inputs of an Arduino Uno with the firmware of devices/firmware: `firmata:/dev/ttyACM0?inputs=0,1&rate=100`. The
 * board samples them by its timer and sends what changes by the threshold; here all samples are made of it again, 0 to
 * 1023 of its supply. Where the line lost a frame, samples are left out until the board has said all values anew.
 */
export const firmataDriver: SensorDriver = {
  scheme: 'firmata',
  summary: 'analog inputs of an Arduino Uno with our firmware, sent when they change',
  settings: {
    inputs: 'numbers of the analog inputs, 0 where absent',
    rate: 'samples of each per second, 1 to 5000, 100 where absent',
    threshold: 'change from which on it is sent, in 1024 steps of the supply, 4 where absent',
    gather: 'samples that may wait to be sent together, 0 to 127, 0 where absent',
  },
  list: async () => [],
  async open(path, settings = new SensorSettings(`firmata:${path}`)) {
    const { address } = settings;
    const inputs = settings.numbers('inputs', { minimum: 0 }) ?? [0];
    if (inputs.some((input) => !INPUTS.includes(input)) || new Set(inputs).size < inputs.length) {
      throw new SpikewireError('usage', address, `has inputs=${inputs}`, `different ones of ${INPUTS}`);
    }
    const rate = settings.number('rate', { minimum: 1, maximum: 5000 }) ?? 100;
    const threshold = settings.number('threshold', { minimum: 1, maximum: 1023 }) ?? 4;
    const gather = settings.number('gather', { minimum: 0, maximum: 127 }) ?? 0;
    const period = Math.round(1e6 / rate);
    const channels = inputs.map((input) => ({ name: `A${input}`, unit: '' }));
    return {
      description: { address, name: path, channels, rate: 1e6 / period, timed: 'at the source' },
      async *samples(signal) {
        const board = await FirmataBoard.open(await openSerialLine(path), { name: path });
        try {
          const frames = new Frames(board, inputs, period);
          await board.encode({ code: 'values', channels: inputs, period, threshold, gather });
          frames.origin = Date.now();
          while (!signal.aborted) yield* await frames.next(path, signal);
        } finally {
          await board.close();
        }
      },
    };
  },
};

/** Blocks as they come; whoever takes them never waits for long, and the line has no more than its rate. */
class Frames {
  origin = Date.now();
  #blocks: SampleBlock[] = [];
  #wake = () => {};

  constructor(board: FirmataBoard, inputs: readonly number[], period: number) {
    const held = new HeldSamples(inputs);
    board.onFrame = (frame) => {
      const { first, values } = held.take(frame, Math.ceil((MOST_HELD * 1e6) / period));
      const times = Float64Array.from(
        { length: values.length / inputs.length },
        (_, k) => ((first + k) * period) / 1e6,
      );
      if (times.length > 0) this.#blocks.push({ origin: this.origin, times, values });
      // Samples have no values until all are known again; where the answer is lost as well, the next gap asks anew.
      if (frame.lost > 0) board.refresh().catch(() => {});
      this.#wake();
    };
  }

  async next(path: string, signal: AbortSignal): Promise<SampleBlock[]> {
    if (this.#blocks.length === 0) {
      const heard = new Promise<'heard'>((resolve) => {
        this.#wake = () => resolve('heard');
      });
      const patience = new AbortController();
      const either = AbortSignal.any([signal, patience.signal]);
      const silence = delay(SILENCE_MS, 'silence' as const, { signal: either }).catch(() => 'ended' as const);
      const came = await Promise.race([heard, silence]);
      patience.abort();
      if (came === 'silence') throw new SpikewireError('input', path, 'is silent', 'a board that is still there');
    }
    return this.#blocks.splice(0);
  }
}
