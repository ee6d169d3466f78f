import { describe, expect, it } from 'vitest';
import { busyCells } from './busy-cells.ts';
import { drive } from './drive.ts';

/** Kinds whose membrane is what arrives. */
const memoryless = ['Threshold', 'ReLU'];

/** What cannot be given: a rest, which no net begins with, and a membrane that is what arrives. */
const withoutStart = ['refractory', ...memoryless.map((type) => `${type}.v`)];

describe('a start', () => {
  it.each(busyCells)('of %s has a parameter for each state variable', (_name, { kind, values, semantics }) => {
    const { type, parameters } = kind;
    const { state } = drive(type, values, semantics, 0, () => 0);
    const variables = Object.keys(state).filter(
      (name) => !withoutStart.includes(name) && !withoutStart.includes(`${type}.${name}`),
    );
    const declared = Object.keys(parameters).filter((key) => key.endsWith('_initial'));
    expect(declared.toSorted()).toEqual(variables.map((name) => `${name}_initial`).toSorted());
  });

  const remembering = busyCells.filter(([, { kind }]) => !memoryless.includes(kind.type));
  it.each(remembering)('of %s with the state of another goes on as that one does', (_name, cell) => {
    const { kind, values, semantics, strength } = cell;
    const whole = 600;
    const arriving = (step: number) => strength * (1 + Math.sin(step / 40));
    let half = 300;
    let first = drive(kind.type, values, semantics, half, arriving);
    while ((first.state.refractory?.[0] ?? 0) > 0) first = drive(kind.type, values, semantics, ++half, arriving);
    const uninterrupted = drive(kind.type, values, semantics, whole, arriving);
    expect(first.state).not.toEqual(drive(kind.type, values, semantics, 0, arriving).state);
    const start = Object.entries(first.state)
      .filter(([name]) => !withoutStart.includes(name))
      .map(([name, value]) => [`${name}_initial`, value[0]!]);
    const started = { ...values, ...Object.fromEntries(start) };
    const second = drive(kind.type, started, semantics, whole - half, (step) => arriving(half + step));
    expect(second.v).toEqual(uninterrupted.v.slice(half));
    expect(second.state).toEqual(uninterrupted.state);
  });
});
