import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { EventBuffer, engineNamed, type RunningNetwork } from '@spikewire/engine';
import { windowsOf } from '@spikewire/engine/data';
import { elementCount, type Model } from '@spikewire/models';

/** Samples between two looks at what else goes on. */
const BATCH = 16;

/** A net after one sample. */
export interface SeenWindow {
  readonly network: RunningNetwork;
  readonly steps: number;
  /** What its Outputs gave. */
  readonly output: EventBuffer;
  /** All spikes. */
  readonly spikes: EventBuffer;
}

export interface SeeOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Runs samples through a net on the engine of devices, and shows it after each. Rejects where the signal comes. */
export async function seeWindows(
  model: Model,
  samples: readonly ArrayLike<number>[],
  see: (window: SeenWindow) => void,
  { signal }: SeeOptions = {},
): Promise<void> {
  const network = engineNamed('clocked').load(model);
  network.learning = false;
  const sizeOf = (role: string) =>
    network.graph.nodes.reduce((sum, { kind, shape }) => sum + (kind.role === role ? elementCount(shape) : 0), 0);
  const { steps: most } = model.sample;
  const [output, spikes] = [new EventBuffer(most * sizeOf('output')), new EventBuffer(most * sizeOf('neuron'))];
  let count = 0;
  for (const { steps, input } of windowsOf(model, { samples })) {
    network.resetActivity();
    output.clear();
    spikes.clear();
    network.run(steps, input, output, spikes);
    see({ network, steps, output, spikes });
    if (++count % BATCH === 0) await yieldToEventLoop();
    signal?.throwIfAborted();
  }
}
