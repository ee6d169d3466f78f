import type { DashboardFrame } from 'spikewire/dashboard';
import { type Desk, sentenceOf } from 'spikewire/desk';
import type { Nets } from './nets.ts';

/** What a page that looks at a net gets of one of its readings. */
export interface MonitorFrame {
  readonly seq: number;
  readonly values: readonly number[];
  /** Null where there is none; the same holds for what follows. */
  readonly expected: readonly number[] | null;
  readonly score: number | null;
  readonly limit: number | null;
  readonly anomaly: boolean;
  readonly reason: string;
  readonly spikes: number;
  /** Step and neuron of each spike that is shown. */
  readonly raster: readonly (readonly [number, number])[];
}

export interface MonitorView {
  /** Names of the nets that are open, and that which is shown. */
  readonly nets: readonly string[];
  readonly net: string | undefined;
  readonly channels: readonly string[];
  readonly neurons: number;
  readonly windowSteps: number;
  /** Those after the one that was asked for. */
  readonly frames: readonly MonitorFrame[];
}

/** Readings that wait for a page, and spikes of one: more than can be told apart. */
const MOST_FRAMES = 120;
const MOST_SPIKES = 300;
/** Nets that are looked at at the same time. */
const MOST_WATCHED = 8;
/** Who has not asked for so long looks no more. */
const PATIENCE_MS = 5000;

interface Watched {
  readonly desk: Desk;
  /** What the net runs: its view is of that. */
  readonly model: Desk['pool']['model'];
  readonly frames: DashboardFrame[];
  readonly stop: () => void;
  readonly view: Pick<MonitorView, 'channels' | 'neurons'>;
  asked: number;
}

/**
 * Looks at nets for pages that ask for them again and again. A net is observed from the first time it is asked for
 * until nobody has asked for five seconds; else nothing is done.
 */
export class Monitor {
  readonly #watched = new Map<string, Watched>();
  readonly #clock: () => number;
  #ending: NodeJS.Timeout | undefined;

  /** @param clock monotonic milliseconds */
  constructor(clock = () => performance.now()) {
    this.#clock = clock;
  }

  /** Nets that are observed. */
  get size(): number {
    return this.#watched.size;
  }

  /**
   * The readings of a net after number `after`, as far as they are kept.
   *
   * @param id of the node that has the nets
   * @param net its name; the first one where it is not open
   */
  async look(id: string, nets: Nets, net: string | undefined, after: number): Promise<MonitorView> {
    const desk = await nets.look((found) => found);
    const keys = desk?.pool.keys ?? [];
    const key = net !== undefined && keys.includes(net) ? net : keys[0];
    if (desk === undefined || key === undefined)
      return { nets: [], net: undefined, channels: [], neurons: 0, windowSteps: 0, frames: [] };
    const { frames, view } = await this.#watch(`${id} ${key}`, desk, key);
    const newer = frames.filter(({ reading }) => reading.seq > after);
    return { nets: keys, net: key, ...view, windowSteps: frames[0]?.raster.windowSteps ?? 0, frames: newer.map(shown) };
  }

  async #watch(place: string, desk: Desk, key: string): Promise<Watched> {
    const known = this.#watched.get(place);
    if (known?.desk === desk && known.model === desk.pool.model) {
      known.asked = this.#clock();
      return known;
    }
    const watched = await begin(desk, key, this.#clock());
    // Another page may have been faster; a flow that was deployed anew has another desk.
    this.#end(place);
    this.#watched.set(place, watched);
    if (this.#watched.size > MOST_WATCHED) this.#end(this.#watched.keys().next().value!);
    this.#ending ??= setInterval(() => this.endUnasked(), PATIENCE_MS / 5).unref();
    return watched;
  }

  /** Ends what nobody asks for any more. */
  endUnasked(): void {
    for (const [place, { asked }] of this.#watched) if (this.#clock() - asked > PATIENCE_MS) this.#end(place);
    if (this.#watched.size > 0) return;
    clearInterval(this.#ending);
    this.#ending = undefined;
  }

  #end(place: string): void {
    this.#watched.get(place)?.stop();
    this.#watched.delete(place);
  }
}

async function begin(desk: Desk, key: string, now: number): Promise<Watched> {
  // Loaded by who looks: a flow that nobody looks at does not pay for it.
  const { DeskSource } = await import('spikewire/dashboard');
  const source = new DeskSource(desk, { title: key, names: new Map([[key, key]]) });
  const frames: DashboardFrame[] = [];
  const unwatch = source.watch(key, (frame) => {
    frames.push(frame);
    if (frames.length > MOST_FRAMES) frames.shift();
  });
  const { channels, neurons } = source.net(key)!;
  const stop = () => {
    unwatch();
    source.close();
    void stopObserving(desk, key);
  };
  const names = channels.map(({ name, unit }) => (unit === '' ? name : `${name} (${unit})`));
  return { desk, model: desk.pool.model, frames, stop, view: { channels: names, neurons }, asked: now };
}

/** Nobody else sees to it that the net stops handing over its spikes. */
async function stopObserving({ pool }: Desk, key: string): Promise<void> {
  if (!pool.keys.includes(key)) return;
  await pool
    .use(key, ({ session }) => {
      session.observed = false;
    })
    .catch(() => {}); // it was closed meanwhile
}

function shown({ reading, raster }: DashboardFrame): MonitorFrame {
  const { seq, values, expected, score, limit, anomaly, said = [], spikes } = reading;
  const reason = sentenceOf(said, true);
  const stride = Math.max(1, Math.ceil(raster.steps.length / MOST_SPIKES));
  const kept = raster.steps.flatMap((step, k) => (k % stride === 0 ? [[step, raster.neurons[k]!] as const] : []));
  const finite = (value: number) => (Number.isFinite(value) ? value : null);
  return { seq, values, expected, score: finite(score), limit: finite(limit), anomaly, reason, spikes, raster: kept };
}
