import type { Engine, EventBuffer, RunningNetwork } from '@spikewire/engine/network';
import type { Model } from '@spikewire/models';
import type { Chip } from '../../../devices/src/accelerators/odin/chips.ts';
import { mapModel } from '../../../devices/src/accelerators/odin/mapping.ts';
import { SoftwareNet } from '../../../devices/src/accelerators/odin/software-net.ts';

/** The software of a chip as an engine, whose answers a board has to give. */
export function softwareEngine(chip: Chip): Engine {
  return {
    name: chip.name,
    doc: 'the software of a chip',
    load: (model: Model) => networkOf(chip, model),
  };
}

function networkOf(chip: Chip, model: Model): RunningNetwork {
  const mapping = mapModel(chip, model);
  const net = new SoftwareNet(mapping);
  const missing = () => {
    throw new Error('is not needed here');
  };
  return {
    model,
    graph: mapping.graph,
    get step() {
      return net.step;
    },
    get counters() {
      return net.counters;
    },
    bytes: 0,
    learning: false,
    run: (steps: number, input: EventBuffer, output: EventBuffer, raster?: EventBuffer) =>
      net.run(steps, input, output, raster),
    readState: (node) => net.readState(node),
    resetActivity: () => net.resetActivity(),
    saveLearned: () => net.saveLearned(),
    restoreLearned: () => [],
    teach: missing,
    readWeights: missing,
    resetLearning: missing,
    save: missing,
    restore: missing,
    goOn: missing,
  };
}
