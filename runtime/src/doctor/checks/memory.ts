import { availableParallelism, freemem, totalmem } from 'node:os';
import type { Check, CheckResult } from './check.ts';

const MIB = 2 ** 20;

/** MiB that Node, a net in its worker thread and the MQTT client take, with some air. */
const COMFORTABLE = 96;

/** Whether a net fits beside what runs already. */
export const memory: Check = {
  name: 'memory',
  look: async () => judgeMemory(freemem() / MIB, totalmem() / MIB, availableParallelism()),
};

export function judgeMemory(free: number, total: number, cores: number): CheckResult {
  const found = `${Math.round(free)} MiB available of ${Math.round(total)}; ${cores} ${cores === 1 ? 'core' : 'cores'}`;
  if (free >= COMFORTABLE) return { state: 'ok', found };
  return {
    state: 'note',
    found,
    advice:
      `a net that runs with MQTT wants ${COMFORTABLE} MiB: ` +
      'stop something, or save some: spikewire run … --threads 0',
  };
}
