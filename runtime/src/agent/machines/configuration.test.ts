import { expect, it } from 'vitest';
import { problemsOf } from './configuration.ts';

const stream = { in: 'mill/pump', out: 'mill/pump/state' };
const other = { in: 'mill/fan', out: 'mill/fan/state' };
const messagesOf = (document: unknown) => problemsOf(document).map(({ message }) => message);

it('takes machines with readings from a broker or a sensor', () => {
  const fan = {
    update: { model: 'motor', channel: 'beta', groups: ['mill'], every: 60 },
    sensor: { address: 'load:1' },
  };
  expect(problemsOf({ machines: { pump: { stream, learning: true, page: { port: 0 } }, fan } })).toEqual([]);
});

it.each([
  [null, /^configuration: is null; expected an object with keys such as "machines"$/],
  [[], /^configuration: is a list; expected an object with keys such as "machines"$/],
  [{}, /^machines: is missing; expected an object with one entry for each machine, such as \{"pump": \{…\}\}$/],
  [{ machines: [{ name: 'pump' }] }, /^machines: is a list; expected an object with one entry for each machine/],
  [{ machines: {} }, /^machines: is empty; expected at least one/],
  [{ machines: { pump: { stream } }, devices: {} }, /^devices: is an unknown key; expected the key "machines"$/],
  [{ machines: { '../pump': { stream } } }, /^machines: have the name "\.\.\/pump"; expected up to 64 letters/],
  [{ machines: { pump: 3 } }, /^machines\.pump: is 3; expected an object with keys such as "device"$/],
  [{ machines: { pump: {} } }, /^machines\.pump: has no readings; expected "stream"/],
  [{ machines: { pump: { stream: { in: 'a' } } } }, /^machines\.pump\.stream\.out: is .*; expected a text$/],
  [
    { machines: { pump: { stream, updates: {} } } },
    /^machines\.pump\.updates: is an unknown key; expected .*page, update$/,
  ],
  [{ machines: { pump: { stream, threads: 65 } } }, /^machines\.pump\.threads: is 65; expected/],
  [{ machines: { pump: { stream, update: { every: 0 } } } }, /^machines\.pump\.update\.every: is 0; expected/],
  [{ machines: { pump: { stream, update: { groups: 'mill' } } } }, /^machines\.pump\.update\.groups: is "mill"/],
  [{ machines: { pump: { stream, update: { root: 'x' } } } }, /^machines\.pump\.update\.root: is an unknown key/],
  [{ machines: { pump: { stream }, fan: { stream } } }, /^machines\.fan\.stream\.out: is also that of pump/],
])('says in a line what is wrong with %j', (document, expected) => {
  const [message, ...more] = messagesOf(document);
  expect(message).toMatch(expected);
  expect(more).toEqual([]);
});

it('says the first thing of each machine', () => {
  const machines = { pump: { stream, lerning: true, threds: 1 }, fan: { stream: other }, mill: {} };
  expect(messagesOf({ machines }).map((message) => message.split(': ')[0])).toEqual([
    'machines.pump.lerning',
    'machines.mill',
  ]);
});
