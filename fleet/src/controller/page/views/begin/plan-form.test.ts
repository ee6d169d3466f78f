import { describe, expect, it } from 'vitest';
import { checkPlan, DEFAULT_PLAN } from '../../../rollouts/plan.ts';
import { planFields, readPlan } from './plan-form.ts';

/** What the form would say: its defaults, and what a person has changed. */
function written(changes: Readonly<Record<string, string>> = {}): (name: string) => string {
  const { course, gates } = planFields(DEFAULT_PLAN);
  const values = Object.fromEntries([...course, ...gates].map(({ name, value }) => [name, value]));
  return (name) => ({ ...values, carrying: DEFAULT_PLAN.carrying, ...changes })[name] ?? '';
}

describe('the form of a plan', () => {
  it('gives the default plan where nothing is changed', () => {
    expect(readPlan(written())).toEqual(DEFAULT_PLAN);
  });

  it('reads percent and points as shares', () => {
    const plan = readPlan(written({ waves: '1; 10 100', mostFailed: '0.5', goMargin: '3', approval: 'yes' }));
    expect(plan).toMatchObject({ waves: [0.01, 0.1, 1], mostFailed: 0.005, approval: true });
    expect(plan.gates.goMargin).toBe(0.03);
    expect(() => checkPlan(plan)).not.toThrow();
  });

  it.each([
    ['shadow', ''],
    ['waves', '5, x'],
    ['goEvidence', 'Infinity'],
  ])('names the field %s where “%s” is not a number', (name, text) => {
    expect(() => readPlan(written({ [name]: text }))).toThrow(new RegExp(`^${name}: “.*” is not a number`));
  });
});
