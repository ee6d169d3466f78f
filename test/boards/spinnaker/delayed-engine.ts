import type { EventBuffer, RunningNetwork } from '@spikewire/engine/network';
import { EventBuffer as Buffer, type Engine, engineNamed } from 'spikewire';
import { newCounters } from 'spikewire/state';

const ROOM = 10_000;

/**
 * The reference as a board in real time has it: events come `late` steps after their step, and nothing resets
 * membranes, while what is on the way belongs to nobody once a window begins afresh.
 */
export function delayedEngine(late: number): Engine {
  return {
    name: 'delayed',
    doc: 'the reference, some steps late',
    load: (model) => delayed(engineNamed('reference').load(model), late),
  };
}

interface Coming {
  readonly step: number;
  readonly node: number;
  readonly index: number;
  readonly value: number;
}

function delayed(network: RunningNetwork, late: number): RunningNetwork {
  const counters = newCounters();
  const lines: [output: Coming[], raster: Coming[]] = [[], []];
  const missing = () => {
    throw new Error('is not needed here');
  };
  return {
    model: network.model,
    graph: network.graph,
    get step() {
      return network.step;
    },
    counters,
    bytes: 0,
    learning: false,
    run(steps: number, input: EventBuffer, output: EventBuffer, raster?: EventBuffer) {
      const begun = network.step;
      const now = [new Buffer(ROOM), new Buffer(ROOM)] as const;
      network.run(steps, input, now[0], now[1]);
      for (const [k, events] of now.entries()) {
        const { step, node, index, value } = events.toList();
        const arriving = Array.from(step, (at, n) => ({
          ...{ step: begun + at + late, node: node[n]!, index: index[n]!, value: value[n]! },
        }));
        const all = [...lines[k]!, ...arriving];
        const isDue = (each: Coming) => each.step < begun + steps;
        lines[k] = all.filter((each) => !isDue(each));
        const due = all.filter(isDue);
        if (k === 0) counters.spikes += due.length;
        const target = k === 0 ? output : raster;
        for (const each of due) target?.push(each.step - begun, each.node, each.index, each.value);
      }
    },
    resetActivity() {
      lines[0] = [];
      lines[1] = [];
    },
    saveLearned: () => network.saveLearned(),
    restoreLearned: () => [],
    readState: (node, variable) => network.readState(node, variable),
    teach: missing,
    readWeights: missing,
    resetLearning: missing,
    save: missing,
    restore: missing,
    goOn: missing,
  };
}
