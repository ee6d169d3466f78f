import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Access, ALL_ROLES, type Order, type Role, SWITCHED_COMMANDS } from './access.ts';
import { SharedSecret } from './shared-secret.ts';

const orders: readonly Order[] = [...SWITCHED_COMMANDS, 'teach', 'look'];
const roles = fc.subarray<Role>(['look', 'teach', 'command']).map((list) => new Set(list));
const commands = fc.subarray([...SWITCHED_COMMANDS]).map((list) => new Set(list));

it('lets in who has the role for what is not switched off, and counts all others', () => {
  fc.assert(
    fc.property(roles, fc.option(commands), fc.boolean(), fc.constantFrom(...orders), (has, on, lessons, order) => {
      const access = new Access({ lessons, ...(on === null ? {} : { commands: on }) });
      // Written out again, order by order.
      const isAllowed =
        order === 'look'
          ? has.has('look')
          : order === 'teach'
            ? has.has('teach') && lessons
            : has.has('command') && (on === null || on.has(order));
      expect(access.allows(has, order)).toBe(isAllowed);
      const ask = () => access.expect({ from: 'test', roles: has }, order);
      if (isAllowed) ask();
      else expect(ask).toThrow(expect.objectContaining({ code: 'access' }));
      expect(access.refused).toBe(isAllowed ? 0 : 1);
    }),
  );
});

it('says what was missing', () => {
  const access = new Access({ commands: new Set(), lessons: false });
  const ask = (order: Order, role: Role) => () => access.expect({ from: 'test', roles: new Set([role]) }, order);
  expect(ask('reset', 'look')).toThrow('reset: needs the role "command"; refused');
  expect(ask('reset', 'command')).toThrow('command: "reset" is switched off; refused');
  expect(ask('teach', 'teach')).toThrow('lesson: lessons are switched off; refused');
});

it('gives who sends a message all roles with the secret, and none without', () => {
  const secret = 'a secret of the stream';
  const access = new Access({ secret: new SharedSecret(secret, 'test') });
  expect(access.rolesOfSender(secret)).toEqual(ALL_ROLES);
  expect(() => access.rolesOfSender(undefined)).toThrow('secret: is missing; refused');
  expect(() => access.rolesOfSender(`${secret} `)).toThrow('secret: is wrong; refused');
  expect(new Access().rolesOfSender(undefined)).toEqual(ALL_ROLES);
});

it('is restricted where any rule keeps something from somebody', () => {
  const all = new Set(SWITCHED_COMMANDS);
  expect([{}, { lessons: true, commands: all }].map((rules) => new Access(rules).isRestricted)).toEqual([false, false]);
  const secret = new SharedSecret('a secret of the stream', 'test');
  for (const rules of [{ lessons: false }, { secret }, { commands: new Set<never>() }]) {
    expect(new Access(rules).isRestricted).toBe(true);
  }
  for (const command of SWITCHED_COMMANDS) {
    const rest = new Set(SWITCHED_COMMANDS.filter((name) => name !== command));
    expect(new Access({ commands: rest }).isRestricted).toBe(true);
  }
});
