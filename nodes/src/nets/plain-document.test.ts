import { expect, it } from 'vitest';
import { plainDocument } from './plain-document.ts';

class Endless extends Number {
  override valueOf(): number {
    return this as unknown as number;
  }
}

it.each([
  ['a getter that throws', Object.defineProperty({}, 'level', { enumerable: true, get: () => fail(new Error('no')) })],
  ['a getter that throws nothing', Object.defineProperty({}, 'level', { enumerable: true, get: () => fail(null) })],
  ['a toJSON that throws', { toJSON: () => fail(new TypeError('no')) }],
  ['a proxy that was revoked', revoked()],
])('refuses %s by a typed error of one line', (_, value) => {
  expect(() => plainDocument({ value }, 'lesson')).toThrow(
    expect.objectContaining({
      code: 'input',
      message: 'lesson: cannot be read; expected numbers, texts, lists and objects',
    }),
  );
});

it('goes no deeper into a number that says it is itself', () => {
  expect(() => plainDocument(new Endless(1), 'lesson')).toThrow('lesson: has more than 64 levels; expected at most 64');
  expect(plainDocument([new Number(3), new String('a')], 'lesson')).toEqual([3, 'a']);
});

function fail(problem: unknown): never {
  throw problem;
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
