import { demandOf, type Model, resolveGraph, SpikewireError } from '@spikewire/models';
import {
  type Abilities,
  type BoardLimit,
  type BoardProfile,
  type LimitSource,
  refuseMisfits,
} from 'spikewire/accelerators';
import { type Chip, SIZE } from './chips.ts';
import { lossOf } from './loss.ts';
import { type Mapping, mapModel } from './mapping.ts';

/** A chip for which models can be made, and its limits as its RTL has them. */
export function profileOf(chip: Chip, abilities: Abilities): BoardProfile {
  const { name, title } = chip;
  return {
    address: `${name}:chip`,
    name: `${title}, ${SIZE} neurons`,
    abilities,
    async expectFit(model) {
      await refuseMisfits({ name: title, abilities }, model);
      mapModel(chip, model);
    },
    limits: async (model) => limitsOf(chip, model),
  };
}

function limitsOf(chip: Chip, model: Model): readonly BoardLimit[] {
  const repository = chip.hasSignedWeights ? 'ChFrenkel/tinyODIN' : 'ChFrenkel/ODIN 17819318';
  const source: LimitSource = { title: `${repository}, RTL`, evidence: 'source file' };
  const limit = (what: string, needs: number | string, has: number | string, fits: boolean): BoardLimit => {
    return { what, needs: String(needs), has: String(has), fits, source };
  };
  const { neurons, synapses } = demandOf(model, resolveGraph(model.graph, model.semantics));
  const whole = [
    limit('neurons', neurons, SIZE, neurons <= SIZE),
    limit('synapses', synapses, SIZE * SIZE, synapses <= SIZE * SIZE),
  ];
  const mapping = mappingOf(chip, model);
  if (mapping === undefined) return whole;
  const { weight, spikes } = lossOf(mapping);
  const percent = (share: number) => `${Number((100 * share).toPrecision(2))} %`;
  const bits = chip.hasSignedWeights ? '4 bits with sign' : '3 bits, the sign by row';
  const rows = limit('rows of synapses', mapping.rowCount, chip.rows, mapping.rowCount <= chip.rows);
  return [
    ...whole,
    rows,
    limit('bits of weights', `errors of up to ${percent(weight)} of the largest`, bits, true),
    limit('a leak by subtraction', `${percent(spikes)} of spikes differ on random input`, '7 bits', true),
  ];
}

/** Undefined where the model has what the chip does not. */
function mappingOf(chip: Chip, model: Model): Mapping | undefined {
  try {
    return mapModel({ ...chip, rows: Number.POSITIVE_INFINITY }, model);
  } catch (problem) {
    if (problem instanceof SpikewireError) return undefined;
    throw problem;
  }
}
