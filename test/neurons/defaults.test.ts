import { type GraphNode, scalar } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { busyCells, neuronKinds } from './busy-cells.ts';
import { drive, semanticsOf, type Values } from './drive.ts';

const nodeOf = (type: string, values: Values): GraphNode => ({
  type,
  parameters: Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, typeof value === 'string' ? value : scalar(value)]),
  ),
});

describe('a parameter that is left out', () => {
  const cases = busyCells.flatMap(([type, values, strength]) => {
    const kind = neuronKinds.find((candidate) => candidate.type === type)!;
    return Object.entries(kind.parameters).flatMap(([key, declaration]) => {
      const value = 'default' in declaration ? declaration.default : undefined;
      return value === undefined || key in values ? [] : [[type, key, value, kind, values, strength] as const];
    });
  });

  it.each(cases)('of %s: %s is %d, in every form of the step', (type, key, value, kind, values, strength) => {
    const given = { ...values, [key]: value };
    const semantics = semanticsOf({ dt: type === 'HodgkinHuxley' ? 0.00005 : 0.0005 });
    const arriving = (step: number) => strength * (1 + Math.sin(step / 40));
    const course = (each: Values) => drive(type, each, semantics, 200, arriving);
    expect(course(values)).toEqual(course(given));
    const [without, withIt] = [nodeOf(type, values), nodeOf(type, given)];
    expect(kind.linear?.(without, 2, semantics)).toEqual(kind.linear?.(withIt, 2, semantics));
    expect(kind.adaptive?.(without, 2, semantics)).toEqual(kind.adaptive?.(withIt, 2, semantics));
  });
});
