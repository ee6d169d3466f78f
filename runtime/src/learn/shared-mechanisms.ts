import { type LearningDeclaration, SpikewireError } from '@spikewire/models';

/** Checks what any rule may have beside its own parameters. Throws `learning` errors that start with `where`. */
export function checkMechanisms(declaration: LearningDeclaration, where: string): void {
  const { bounds, softness, normalize, homeostasis, feedback } = declaration;
  if (bounds !== undefined && !(bounds[0] <= bounds[1])) {
    fail(`${where}.bounds`, `are [${bounds[0]}, ${bounds[1]}]`, '[lowest, highest]');
  }
  if (softness !== undefined) {
    expectAbove(softness, `${where}.softness`);
    if (bounds === undefined || !bounds.every(Number.isFinite) || bounds[0] === bounds[1]) {
      fail(`${where}.softness`, 'has no range to be soft in', 'bounds of finite numbers');
    }
  }
  if (normalize !== undefined) {
    expectAbove(normalize.sum, `${where}.normalize.sum`);
    expectSteps(normalize.every, `${where}.normalize.every`);
  }
  if (homeostasis !== undefined) {
    expectAbove(homeostasis.tau, `${where}.homeostasis.tau`);
    expectAtLeast(homeostasis.rate, `${where}.homeostasis.rate`);
    expectAtLeast(homeostasis.strength, `${where}.homeostasis.strength`);
    expectSteps(homeostasis.every, `${where}.homeostasis.every`);
  }
  if (feedback !== undefined && 'random' in feedback) expectSteps(feedback.random, `${where}.feedback.random`);
}

function expectAbove(value: number, where: string): void {
  if (!(Number.isFinite(value) && value > 0)) fail(where, `is ${value}`, 'a number above 0');
}

function expectAtLeast(value: number, where: string): void {
  if (!(Number.isFinite(value) && value >= 0)) fail(where, `is ${value}`, 'a number of at least 0');
}

function expectSteps(value: number | undefined, where: string): void {
  if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1))
    fail(where, `is ${value}`, 'a whole number ≥ 1');
}

function fail(where: string, problem: string, expected: string): never {
  throw new SpikewireError('learning', where, problem, expected);
}
