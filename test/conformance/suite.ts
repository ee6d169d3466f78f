import { describe } from 'vitest';
import { describeConnections } from './behaviour/connections.ts';
import { describeLearning } from './behaviour/learning.ts';
import { describeNeurons } from './behaviour/neurons.ts';
import { describeRandomNets } from './behaviour/random-nets.ts';
import { describeRunning } from './behaviour/running.ts';
import { describeTiming } from './behaviour/timing.ts';
import type { LoadModel, Oracle, Tolerance } from './engine-under-test.ts';

/** What every engine must do, whatever its numbers and its speed: one suite, run over each of them. */
export function describeEngine(name: string, load: LoadModel, tolerance: Tolerance, oracle?: Oracle): void {
  const engine = { load, tolerance, oracle };
  describe(`engine ${name}`, () => {
    describeNeurons(engine);
    describeTiming(engine);
    describeConnections(engine);
    describeRunning(engine);
    describeLearning(engine);
    describeRandomNets(engine);
  });
}
