import { anomalyModel, describeValue, monitorKindOf, type WatchSettings, writeModel } from 'spikewire';
import type { FoundChannels, ReadingForm } from 'spikewire/session';
import { foundChannels } from 'spikewire/session';
import { FirstMessageNets } from '../nets/first-message-nets.ts';
import type { Nets } from '../nets/nets.ts';
import type { NetSettings } from '../nets/settings.ts';
import { isOrder } from '../nets/update-orders.ts';
import type { Message } from '../node-red.ts';
import { channelsDocument } from './channels-document.ts';
import { MoreChannels } from './more-channels.ts';

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
/** The sensitivity of the prediction behind each word. */
export const SENSITIVITIES = { few: 9, balanced: BALANCED, sensitive: 4 } as const;

/**
 * The nets of `spikewire new anomaly` for a stream of which nothing needs to be known: channels are those of the first
 * good message, unless a person names them, and stay so after a restart, until a flow's only net is told to forget.
 */
export class AnomalyNets {
  readonly #settings: AnomalySettings;
  readonly #first: FirstMessageNets<FoundChannels>;
  readonly #warn: (line: string) => void;
  /** Undefined after it was said that there are such. */
  #more: MoreChannels | undefined;

  /** `make` is called once, and again after what was learned was forgotten. */
  constructor(settings: AnomalySettings, make: (settings: NetSettings) => Nets, warn: (line: string) => void) {
    this.#settings = settings;
    this.#warn = warn;
    if (settings.per === 'topic') this.#more = new MoreChannels(settings.form);
    this.#first = new FirstMessageNets({
      directory: settings.directory,
      form: channelsDocument,
      find: (payload) => foundChannels(payload, settings.form),
      make: () => make(this.#netSettings()),
      warn,
    });
  }

  #netSettings(): NetSettings {
    const { alarms, channels, form, ...settings } = this.#settings;
    const found = () => (channels === undefined ? this.#first.found?.paths : undefined);
    return {
      ...settings,
      // The reader is made when the channels are known.
      get form(): ReadingForm {
        return { ...form, paths: new Map([...(found() ?? []), ...(form.paths ?? [])]) };
      },
      model: { kind: 'made', make: async () => this.#modelBytes() },
      monitorSettings: monitorSettings(alarms),
    };
  }

  #modelBytes(): Uint8Array {
    const { channels, warmUp } = this.#settings;
    const named = channels ?? this.#first.found!.names.map((name) => ({ name, unit: '' }));
    // A shorter warm-up is the session's, so that the model stays the one whose states are kept.
    return writeModel(anomalyModel({ channels: named, ...longWarmUp(warmUp) }));
  }

  /** Whether the channels are known; nothing is opened before. */
  async knowsChannels(): Promise<boolean> {
    return this.#settings.channels !== undefined || this.#first.isKnown();
  }

  /** The nets for a message, whose channels the first one makes known. Rejects with `input` where it does not. */
  async netsFor(message: Message): Promise<Nets> {
    if (this.#settings.channels !== undefined) return this.nets;
    const nets = await this.#first.netsFor(message);
    if (!isOrder(nets, message)) this.#noteMore(nets.keyOf(message.topic), message);
    return nets;
  }

  /** Says once that a topic has numbers which the first message of all, of another topic, did not have. */
  #noteMore(topic: string, { payload, command }: Message): void {
    if (command !== undefined) return;
    const names = this.#more?.in(topic, payload, this.#first.found!) ?? [];
    if (names.length === 0) return;
    const which = `readings of ${describeValue(topic)} have ${names.join(', ')} too`;
    const why = 'which the first message did not have, so that it is ignored';
    this.#warn(`${which}, ${why}; expected a node of its own for such topics, or Channels that all have`);
    this.#more = undefined;
  }

  get nets(): Nets {
    return this.#first.nets;
  }

  /** Forgets the channels of a flow's only net too, so that another sensor may follow. */
  async forget(): Promise<void> {
    const { channels, per } = this.#settings;
    if (channels === undefined && per === 'flow') await this.#first.replace(undefined);
  }

  close(): Promise<void> {
    return this.#first.close();
  }
}

/** Readings of the warm-up that the model declares. */
const DECLARED = 400;

function longWarmUp(readings = DECLARED) {
  return readings > DECLARED ? { warmUp: readings } : {};
}

/** What holds for each monitor: its own sensitivity, more or less as that of the prediction is. */
export function monitorSettings({ sensitivity, inRow, holdOff }: Alarms): ReadonlyMap<string, WatchSettings> {
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
