import type {
  DashboardCommand,
  DashboardDescription,
  DashboardFrame,
  DashboardNet,
  DashboardNetName,
  DashboardNetState,
  DashboardOrder,
  DashboardSettings,
  DashboardSource,
} from 'spikewire/dashboard';

const NETS = Array.from({ length: 8 }, (_, k) => ({ id: `mote-${k + 1}`, name: `mote ${k + 1}` }));
const NEURONS = 100;
const WINDOW_STEPS = 50;
const WARM_UP = 60;
const MOVED_AT = 400;

/** Readings that the staged net flags, by their number. */
export function isFlagged(seq: number): boolean {
  return seq > WARM_UP && (seq % 250 === 90 || (seq >= MOVED_AT && seq < MOVED_AT + 12));
}

export interface StagedCommand {
  readonly net: string;
  readonly command: DashboardCommand;
  readonly settings: DashboardSettings | undefined;
}

/** A source whose readings are a fixed function of their number, so that a test knows what the page must show. */
export class StagedSource implements DashboardSource {
  readonly commands: StagedCommand[] = [];
  readonly watched = new Set<string>();
  /** Every call of `watch`, and every end of one. */
  readonly calls: string[] = [];
  readonly #listeners = new Map<string, (frame: DashboardFrame) => void>();
  #seq = 0;
  #learning = true;
  #sensitivity = 6;
  #saved: DashboardFrame['status']['saved'] = null;

  get seq(): number {
    return this.#seq;
  }

  describe(): DashboardDescription {
    return {
      title: 'spikewire – staged stream',
      opensOn: 'mote-1',
      notices: [`sensor “mote 2 temperature” is moved by +3 °C at reading ${MOVED_AT}`],
    };
  }

  nets(): readonly DashboardNetName[] {
    return NETS;
  }

  net(id: string): DashboardNet | undefined {
    const named = NETS.find((net) => net.id === id);
    return (
      named && {
        ...named,
        channels: [
          { name: 'Temperature', unit: '°C' },
          { name: 'Humidity', unit: '%' },
        ],
        neurons: NEURONS,
        settings: [
          {
            id: 'sensitivity',
            label: 'Sensitivity',
            unit: '',
            about: 'Higher means fewer alarms',
            value: this.#sensitivity,
            minimum: 1,
            maximum: 20,
            step: 0.5,
          },
          {
            id: 'holdOff',
            label: 'Hold-off',
            unit: 'readings',
            about: 'An alarm ends after more quiet readings than this',
            value: 60,
            minimum: 0,
            maximum: 1000,
            step: 1,
          },
        ],
      }
    );
  }

  watch(net: string, listener: (frame: DashboardFrame) => void): () => void {
    this.calls.push(`watch ${net}`);
    this.watched.add(net);
    this.#listeners.set(net, listener);
    return () => {
      this.calls.push(`unwatch ${net}`);
      this.watched.delete(net);
      this.#listeners.delete(net);
    };
  }

  recent(): DashboardFrame[] {
    const first = Math.max(1, this.#seq - 599);
    return Array.from({ length: this.#seq - first + 1 }, (_, index) => this.#frame(first + index));
  }

  state(net: string): DashboardNetState {
    const index = NETS.findIndex(({ id }) => id === net);
    return {
      net,
      anomaly: index === 4 || isFlagged(this.#seq),
      learning: index === 6 ? false : index === 0 ? this.#learning : true,
      muted: index === 2,
      warmUp:
        index === 7
          ? { done: false, readings: 0, of: WARM_UP }
          : { done: this.#seq >= WARM_UP, readings: Math.min(this.#seq, WARM_UP), of: WARM_UP },
      readings: this.#seq,
      flags: 3,
    };
  }

  async command(net: string, { command, settings }: DashboardOrder): Promise<string> {
    this.commands.push({ net, command, settings });
    if (command === 'learn' || command === 'freeze') {
      this.#learning = command === 'learn';
    }
    if (command === 'save') {
      this.#saved = { sequence: 12, time: Date.now() };
      return 'saved as sequence 12';
    }
    this.#sensitivity = settings?.sensitivity ?? this.#sensitivity;
    return `${command}: done`;
  }

  /** Takes so many readings at once. */
  advance(readings: number): void {
    for (let i = 0; i < readings; i++) {
      this.#seq++;
      for (const listener of this.#listeners.values()) {
        listener(this.#frame(this.#seq));
      }
    }
  }

  #frame(seq: number): DashboardFrame {
    const raster = spikes(seq);
    const limit = 0.3 + 0.05 * Math.sin(seq / 120);
    return {
      reading: {
        seq,
        time: Date.UTC(2026, 10, 25) + seq * 5000,
        values: measured(seq),
        expected: seq < WARM_UP / 2 ? null : predicted(seq),
        score: isFlagged(seq) ? 0.9 + 0.2 * Math.sin(seq) : 0.12 + 0.08 * Math.abs(Math.sin(seq * 1.7)),
        limit,
        anomaly: isFlagged(seq),
        error: 0.04 + 0.02 * Math.abs(Math.sin(seq * 0.9)) + (isFlagged(seq) ? 0.3 : 0),
        spikes: raster.steps.length,
        rate: (raster.steps.length / NEURONS / WINDOW_STEPS) * 1000,
      },
      raster,
      status: {
        warmUp: { done: seq >= WARM_UP, readings: Math.min(seq, WARM_UP), of: WARM_UP },
        learning: this.#learning,
        memory: { resident: 58_400_000, network: 412_000 },
        saved: this.#saved,
        counters: { received: seq, bad: 1, dropped: 0, published: seq },
        latencyMicroseconds: 640 + 40 * Math.sin(seq),
      },
    };
  }
}

function measured(seq: number): number[] {
  const moved = seq >= MOVED_AT ? 3 : 0;
  const jitter = Math.sin(seq * 12.9898) * 0.18;
  return [26 + 2.4 * Math.sin(seq / 70) + jitter + moved, 45 - 5 * Math.sin(seq / 90) + jitter * 3];
}

function predicted(seq: number): number[] {
  const late = seq >= MOVED_AT ? 3 * (1 - Math.exp((MOVED_AT - seq) / 6)) : 0;
  return [26 + 2.4 * Math.sin(seq / 70) + late, 45 - 5 * Math.sin(seq / 90)];
}

/** Neurons with regular firing whose rates follow the reading by tuning curves of different slope and threshold. */
function spikes(seq: number): DashboardFrame['raster'] {
  const steps: number[] = [];
  const neurons: number[] = [];
  const value = Math.sin(seq / 70);
  for (let neuron = 0; neuron < NEURONS; neuron++) {
    const slope = neuron % 2 === 0 ? 1 : -1;
    const threshold = ((neuron * 37) % 100) / 55 - 0.9;
    const perStep = Math.max(0, slope * value - threshold) * 0.08;
    const phase = (neuron * 0.618) % 1;
    for (let step = 0; step < WINDOW_STEPS; step++) {
      const now = seq * WINDOW_STEPS + step;
      if (Math.floor(now * perStep + phase) > Math.floor((now - 1) * perStep + phase)) {
        steps.push(step);
        neurons.push(neuron);
      }
    }
  }
  return { steps, neurons, windowSteps: WINDOW_STEPS };
}
