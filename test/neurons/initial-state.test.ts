import { describe, expect, it } from 'vitest';
import { busyCells, neuronKinds } from './busy-cells.ts';
import { drive } from './drive.ts';

/** Kinds whose membrane is what arrives. */
const memoryless = ['Threshold', 'ReLU'];

/** What cannot be given: a rest, which no net begins with, and a membrane that is what arrives. */
const withoutStart = ['refractory', ...memoryless.map((type) => `${type}.v`)];

describe('a start', () => {
  it('is tried for every kind of neuron', () => {
    const types = new Set([...busyCells.map(([type]) => type), ...memoryless]);
    expect([...types].toSorted()).toEqual(neuronKinds.map(({ type }) => type).toSorted());
  });

  it.each(neuronKinds.map((kind) => [kind.type, kind] as const))(
    'of %s has a parameter for each state variable',
    (type, kind) => {
      const values = busyCells.find(([own]) => own === type)?.[1] ?? { threshold: 1 };
      const { state } = drive(type, values, { dt: 0.00005 }, 0, () => 0);
      const variables = Object.keys(state).filter(
        (name) => !withoutStart.includes(name) && !withoutStart.includes(`${type}.${name}`),
      );
      const declared = Object.keys(kind.parameters).filter((key) => key.endsWith('_initial'));
      expect(declared.toSorted()).toEqual(variables.map((name) => `${name}_initial`).toSorted());
    },
  );

  it.each(busyCells)('of %s %j with the state of another goes on as that one does', (type, values, strength) => {
    const semantics = { dt: type === 'HodgkinHuxley' ? 0.00005 : 0.0005, integrate: 'euler' } as const;
    const [half, whole] = [300, 600];
    const arriving = (step: number) => strength * (1 + Math.sin(step / 40));
    const first = drive(type, values, semantics, half, arriving);
    const uninterrupted = drive(type, values, semantics, whole, arriving);
    expect(first.state).not.toEqual(drive(type, values, semantics, 0, arriving).state);
    const start = Object.entries(first.state)
      .filter(([name]) => !withoutStart.includes(name))
      .map(([name, value]) => [`${name}_initial`, value[0]!]);
    const started = { ...values, ...Object.fromEntries(start) };
    const second = drive(type, started, semantics, whole - half, (step) => arriving(half + step));
    expect(second.v).toEqual(uninterrupted.v.slice(half));
    expect(second.state).toEqual(uninterrupted.state);
  });
});
