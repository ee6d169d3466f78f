import { among, type BoardLimit, type LimitSource } from '@spikewire/engine/executor';
import type { Net } from './net.ts';

/** Inputs and populations that send numbers, where a board takes spikes. */
export function spikesAlone({ gradedInputs, gradedPopulations }: Net, source: LimitSource): BoardLimit[] {
  return [
    ...gradedInputs.map(({ name }) => among('output of an Input', 'numbers', ['spikes'], source, name, 'its elements')),
    ...gradedPopulations.map(({ name, neurons }) =>
      among('output of a population', 'its state', ['spikes'], source, name, `its ${neurons} neurons`),
    ),
  ];
}
