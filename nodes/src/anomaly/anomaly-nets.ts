import { anomalyModel, monitorKindOf, SpikewireError, type WatchSettings, writeModel } from 'spikewire';
import type { FoundChannels, ReadingForm } from 'spikewire/session';
import { foundChannels } from 'spikewire/session';
import type { Nets } from '../nets/nets.ts';
import { payloadBytes } from '../nets/request.ts';
import type { NetSettings } from '../nets/settings.ts';
import type { Message } from '../node-red.ts';
import { KeptChannels } from './kept-channels.ts';

/** What a person sets of the monitors, all of them. */
export interface Alarms {
  /** That of the prediction; those of the others go with it. */
  readonly sensitivity: number;
  /** Undefined: as each monitor has it. */
  readonly holdOff: number | undefined;
  readonly inRow: number;
}

export interface AnomalySettings extends Omit<NetSettings, 'model' | 'monitorSettings'> {
  /** Named by a person; undefined: those of the first message. */
  readonly channels: readonly { readonly name: string; readonly unit: string }[] | undefined;
  readonly alarms: Alarms;
}

/** The sensitivity of the prediction in the model, with which those of all monitors were measured. */
export const BALANCED = 6;

/**
 * The nets of `spikewire new anomaly` for a stream of which nothing needs to be known: channels are those of the first
 * good message, and stay so after a restart, until a flow's only net is told to forget.
 */
export class AnomalyNets {
  readonly #settings: AnomalySettings;
  readonly #make: (settings: NetSettings) => Nets;
  readonly #warn: (line: string) => void;
  readonly #kept: KeptChannels;
  #channels: FoundChannels | undefined;
  #keeping: Promise<void> = Promise.resolve();
  #nets: Nets;
  /** Until then nobody knows whether there are channels. */
  #settled: Promise<void>;

  /** `make` is called once, and again after what was learned was forgotten. */
  constructor(settings: AnomalySettings, make: (settings: NetSettings) => Nets, warn: (line: string) => void) {
    this.#settings = settings;
    this.#make = make;
    this.#warn = warn;
    this.#kept = new KeptChannels(settings.directory);
    this.#nets = this.#newNets();
    this.#settled = settings.channels === undefined ? this.#recall() : Promise.resolve();
  }

  async #recall(): Promise<void> {
    this.#channels = await this.#kept.read();
  }

  #newNets(): Nets {
    const { alarms, channels, form, ...settings } = this.#settings;
    const found = () => this.#channels?.paths;
    return this.#make({
      ...settings,
      // The reader is made when the channels are known.
      get form(): ReadingForm {
        return { ...form, paths: new Map([...(found() ?? []), ...(form.paths ?? [])]) };
      },
      model: { kind: 'made', make: () => this.#modelBytes() },
      monitorSettings: monitorSettings(alarms),
    });
  }

  async #modelBytes(): Promise<Uint8Array> {
    await this.#keeping;
    const { warmUp } = this.#settings;
    const named = this.#settings.channels ?? this.#channels!.names.map((name) => ({ name, unit: '' }));
    // A shorter warm-up is the session's, so that the model stays the one whose states are kept.
    return writeModel(anomalyModel({ channels: named, ...longWarmUp(warmUp) }));
  }

  /** Whether the channels are known; nothing is opened before. */
  async knowsChannels(): Promise<boolean> {
    await this.#settled;
    return this.#settings.channels !== undefined || this.#channels !== undefined;
  }

  /** The nets for a message, whose channels the first one makes known. Rejects with `input` where it does not. */
  async netsFor(message: Message): Promise<Nets> {
    if (!(await this.knowsChannels())) this.#learnChannels(message);
    return this.#nets;
  }

  #learnChannels({ payload, topic, command }: Message): void {
    this.#nets.keyOf(topic);
    if (command !== undefined)
      throw new SpikewireError('input', 'msg.command', 'came before the first reading', 'a reading in msg.payload');
    const found = foundChannels(payloadBytes(payload), this.#settings.form);
    this.#channels = found;
    this.#keeping = this.#kept.write(found).catch((failure: Error) => {
      this.#warn(`the channels ${found.names.join(', ')} could not be saved: ${failure.message}`);
    });
  }

  get nets(): Nets {
    return this.#nets;
  }

  /** Forgets the channels of a flow's only net too, so that another sensor may follow. */
  forget(): Promise<void> {
    const { channels, per } = this.#settings;
    if (channels !== undefined || per !== 'flow') return this.#settled;
    const forgotten = this.#forget();
    this.#settled = forgotten.catch(() => {}); // whoever asked for it is told
    return forgotten;
  }

  async #forget(): Promise<void> {
    await this.#keeping;
    try {
      await this.#nets.close();
    } finally {
      await this.#kept.forget();
      this.#channels = undefined;
      this.#nets = this.#newNets();
    }
  }

  async close(): Promise<void> {
    await this.#settled;
    await this.#keeping;
    await this.#nets.close();
  }
}

/** Readings of the warm-up that the model declares, three quarters of them for the ranges. */
const DECLARED = 400;

function longWarmUp(readings = DECLARED) {
  if (readings <= DECLARED) return {};
  const rangeWarmUp = Math.round((3 * readings) / 4);
  return { rangeWarmUp, monitor: { warmUp: readings - rangeWarmUp } };
}

/** What holds for each monitor: its own sensitivity, more or less as that of the prediction is. */
function monitorSettings({ sensitivity, inRow, holdOff }: Alarms): ReadonlyMap<string, WatchSettings> {
  const { monitors = [] } = anomalyModel({ channels: [{ name: 'any', unit: '' }], neurons: 10 });
  const others = { inRow, ...(holdOff === undefined ? {} : { holdOff }) };
  return new Map(
    monitors.map(({ type, parameters }) => {
      const usual = monitorKindOf(type, 'monitor').parameters.sensitivity as { readonly default?: number };
      const own = Number(parameters.sensitivity ?? usual.default);
      return [type, { sensitivity: (own * sensitivity) / BALANCED, ...others }];
    }),
  );
}
