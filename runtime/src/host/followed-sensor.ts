import { type Model, SpikewireError } from '@spikewire/models';
import type { Stream } from '../mqtt/stream.ts';
import type { Reading } from '../reading/reading.ts';
import type { SampleOrder } from '../sensors/sample-ring.ts';
import type { SensorFigures, SensorStream } from '../sensors/sensor-stream.ts';
import type { SensorConfiguration } from './configuration.ts';
import { nameOf } from './key-checks.ts';
import type { Surroundings } from './surroundings.ts';

/** Channels that are named when the sensor is followed. */
const NAMED = 16;

/** A sensor of this machine whose readings go to the only net of a stream. */
export class FollowedSensor {
  readonly #sensor: SensorStream;
  readonly #stream: Stream;
  readonly #surroundings: Surroundings;
  /** Samples of the sensor that make a reading of the net. */
  readonly #length: number;

  /**
   * Opens a sensor that has the channels of the model, or where the model takes several samples of them: blocks by its
   * features, or a sequence by its encoder.
   */
  static async open(
    { address, interval = 5 }: SensorConfiguration,
    stream: Stream,
    surroundings: Surroundings,
  ): Promise<FollowedSensor> {
    const { signal, warn = () => {} } = surroundings;
    const { pool } = stream.desk;
    const needed = await pool.use('', ({ session }) => session.channels);
    // Loaded here, because most nets are fed by messages.
    const { openSensor } = await import('../sensors/find.ts');
    const sensor = await openSensor(address, {
      interval,
      channels: pool.model.channels,
      ...(signal === undefined ? {} : { signal }),
      onProblem: ({ message }) => {
        stream.countBad();
        warn(message, 'sensor');
      },
    });
    const { channels } = sensor.description;
    const length = needed / channels.length;
    if (length === 1 || orderOf(pool.model, length) !== undefined)
      return new FollowedSensor(sensor, stream, surroundings, length);
    await sensor.close();
    const where = `${nameOf('sensor', surroundings.names ?? {})} ${address}`;
    const counted = `${channels.length} ${channels.length === 1 ? 'channel' : 'channels'}`;
    const problem = `has ${counted} (${listed(channels.map(({ name }) => name))})`;
    throw new SpikewireError('usage', where, problem, `${needed}, as the model has`);
  }

  private constructor(sensor: SensorStream, stream: Stream, surroundings: Surroundings, length: number) {
    this.#sensor = sensor;
    this.#stream = stream;
    this.#surroundings = surroundings;
    this.#length = length;
  }

  /**
   * Throws `usage` where its readings are none of another model.
   *
   * @param needed numbers of a reading of the model
   */
  expectFitting(model: Model, needed: number): void {
    const { address, channels } = this.#sensor.description;
    const given = this.#length * channels.length;
    if (given === needed && (this.#length === 1 || orderOf(model, this.#length) !== undefined)) return;
    const where = `${nameOf('sensor', this.#surroundings.names ?? {})} ${address}`;
    const problem = `gives ${this.#length} samples of ${channels.length} channels as a reading`;
    throw new SpikewireError('usage', where, problem, `a model that takes these; this one takes ${needed} numbers`);
  }

  /** What has become of its samples. */
  get figures(): SensorFigures {
    return this.#sensor.figures;
  }

  /** Feeds what the sensor gives until the signal ends it or a recording ends. */
  async follow(): Promise<void> {
    const { address, channels } = this.#sensor.description;
    const named = listed(channels.map(({ name, unit }) => `${name} (${unit})`));
    this.#surroundings.say?.(`sensor ${address}: ${named}`);
    for (;;) {
      const order = orderOf(this.#stream.desk.pool.model, this.#length);
      const reading = await this.#sensor.read(this.#length, order);
      if (reading === undefined) return;
      await this.#take(reading);
    }
  }

  async #take(reading: Reading): Promise<void> {
    try {
      await this.#stream.feed('', reading);
    } catch (problem) {
      if (!(problem instanceof SpikewireError)) throw problem;
      this.#stream.countBad();
      this.#surroundings.warn?.(problem.message, 'sensor');
    }
  }

  close(): Promise<void> {
    return this.#sensor.close();
  }
}

/** How so many consecutive samples of each channel make a reading of a model; undefined where they do not. */
function orderOf(model: Model, length: number): SampleOrder | undefined {
  if (takesBlocks(model, length)) return 'channels';
  return takesSequence(model, length) ? 'samples' : undefined;
}

function takesBlocks({ features }: Model, length: number): boolean {
  const chains = [...(features?.values() ?? [])];
  const begins = chains.map(([first]) => (first !== undefined && 'type' in first ? first : undefined));
  const isBlock = begins.every((first) => first?.type === 'block' && first.parameters.length === length);
  return chains.length > 0 && isBlock;
}

/** Whether its only Input has the samples one after another. */
function takesSequence({ features, encoder }: Model, length: number): boolean {
  const [only, ...others] = [...encoder.values()];
  const isSequence = only?.type === 'sequence' && only.parameters.frames === length;
  return isSequence && others.length === 0 && (features?.size ?? 0) === 0;
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
