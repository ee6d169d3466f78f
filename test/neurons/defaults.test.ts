import { type GraphNode, scalar } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { busyCells } from './busy-cells.ts';
import { drive, semanticsOf, type Values } from './drive.ts';

const nodeOf = (type: string, values: Values): GraphNode => ({
  type,
  parameters: Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, typeof value === 'string' ? value : scalar(value)]),
  ),
});

describe('a parameter that is left out', () => {
  const cases = busyCells.flatMap(([name, cell]) =>
    Object.entries(cell.kind.parameters).flatMap(([key, declaration]) => {
      const value = 'default' in declaration ? declaration.default : undefined;
      return value === undefined || key in cell.values ? [] : [[name, key, value, cell] as const];
    }),
  );

  it.each(cases)('of %s: %s is %s, in every form of the step', (_name, key, value, cell) => {
    const { kind, values, strength } = cell;
    const given = { ...values, [key]: value };
    const semantics = semanticsOf(cell.semantics);
    const arriving = (step: number) => strength * (1 + Math.sin(step / 40));
    const course = (each: Values) => drive(kind.type, each, semantics, 200, arriving);
    expect(course(values)).toEqual(course(given));
    const [without, withIt] = [nodeOf(kind.type, values), nodeOf(kind.type, given)];
    expect(kind.linear?.(without, 2, semantics)).toEqual(kind.linear?.(withIt, 2, semantics));
    expect(kind.adaptive?.(without, 2, semantics)).toEqual(kind.adaptive?.(withIt, 2, semantics));
  });
});
