import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Edge } from '../graph/graph.ts';
import { visitingOrder } from './order.ts';

const edge = (source: string, target: string, delay = 0): Edge => ({ source, target, delay });

describe('visitingOrder', () => {
  it('keeps the order of the file where edges leave the choice', () => {
    expect(visitingOrder(['c', 'a', 'b'], [])).toEqual(['c', 'a', 'b']);
    expect(visitingOrder(['c', 'a', 'b'], [edge('b', 'c', 1)])).toEqual(['c', 'a', 'b']);
  });

  it('does not wait for what is delayed', () => {
    expect(visitingOrder(['a', 'b'], [edge('b', 'a'), edge('a', 'b', 1)])).toEqual(['b', 'a']);
  });

  it('names the cycle and not what hangs before or behind it', () => {
    const edges = [edge('a', 'b'), edge('b', 'c'), edge('c', 'd'), edge('d', 'b'), edge('d', 'e'), edge('e', 'f')];
    expect(() => visitingOrder(['f', 'e', 'a', 'd', 'c', 'b'], edges)).toThrow(
      /^cycle (b→c→d→b|c→d→b→c|d→b→c→d): has no delay/,
    );
  });

  it('names a cycle that is one, or gives an order that every edge agrees with', () => {
    const nets = fc.array(fc.tuple(fc.nat(7), fc.nat(7), fc.nat(1)), { maxLength: 20 });
    fc.assert(
      fc.property(nets, (list) => {
        const names = Array.from({ length: 8 }, (_, index) => `n${index}`);
        const edges = list.map(([source, target, delay]) => edge(`n${source}`, `n${target}`, delay));
        const immediate = new Set(edges.filter(({ delay }) => delay === 0).map((e) => `${e.source}→${e.target}`));
        try {
          const order = visitingOrder(names, edges);
          expect([...order].sort()).toEqual(names);
          for (const step of immediate) {
            const [source, target] = step.split('→');
            expect(order.indexOf(source!)).toBeLessThan(order.indexOf(target!));
          }
        } catch (error) {
          const cycle = /^cycle (\S+): has no delay/.exec((error as Error).message)?.[1]?.split('→') ?? [];
          expect(cycle.length).toBeGreaterThan(1);
          expect(cycle[0]).toBe(cycle.at(-1));
          for (let at = 1; at < cycle.length; at++) expect(immediate).toContain(`${cycle[at - 1]}→${cycle[at]}`);
        }
      }),
    );
  });

  it('takes a hundred thousand nodes, in the worst order and behind a cycle', () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `n${index}`);
    const chain = names.slice(1).map((name, index) => edge(name, `n${index}`));
    expect(visitingOrder(names, chain)[0]).toBe('n99999');
    expect(() => visitingOrder(names, [...chain, edge('n99998', 'n99999')])).toThrow(
      /^cycle (n99998→n99999→n99998|n99999→n99998→n99999): /,
    );
    const ring = [...chain, edge('n0', 'n99999')];
    expect(() => visitingOrder(names, ring)).toThrow(/^cycle .{1,400}: has no delay/);
  });
});
