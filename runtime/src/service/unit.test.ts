import { expect, it } from 'vitest';
import { type ServiceUnit, unitText } from './unit.ts';

const unit: ServiceUnit = {
  name: 'spikewire-air',
  description: 'air',
  program: ['/usr/bin/node', '/opt/spikewire/bin/spikewire.js'],
  words: ['run', 'air.spike'],
  files: [],
};
const INJECTED = 'air\nExecStartPre=/bin/sh';

it.each<[string, Partial<ServiceUnit>]>([
  ['description', { description: INJECTED }],
  ['description that goes on in the next line', { description: 'air on C:\\' }],
  ['word', { words: [INJECTED] }],
  ['secret', { words: [{ secret: 'mqtt-key', file: `/etc/${INJECTED}` }] }],
  ['file', { files: [`/home/${INJECTED}`] }],
  ['program', { program: ['/usr/bin/node', `/opt/${INJECTED}`] }],
  ['user', { user: 'pi\nExecStartPre=/bin/sh' }],
])('a %s cannot add a line to a unit', (_, part) => {
  expect(() => unitText({ ...unit, ...part })).toThrow(/^spikewire service install: "[^\n]*; expected/);
});

it('lets the C library give memory back, which small devices need for an update', () => {
  const [line] = unitText(unit).match(/^Environment=.*MALLOC.*$/m)!;
  expect(line).toBe('Environment=MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=131072');
});

it('names no variable by the path of the program', () => {
  const text = unitText({ ...unit, program: ['/usr/bin/node', '/opt/$HOME/spikewire.js'] });
  expect(text).toContain('\nExecStart=/usr/bin/node "/opt/$$HOME/spikewire.js" run air.spike\n');
});

it('lets the service find the packages that spikewire finds without it', () => {
  const script = '/run/user/nets/node_modules/spikewire/bin/spikewire.js';
  const packages = ['/run/user/my sensor', '/opt/board'];
  const lines = unitText({ ...unit, program: ['/usr/bin/node', script], packages }).split('\n');
  expect(lines.filter((line) => line.startsWith('BindReadOnlyPaths='))).toEqual([
    'BindReadOnlyPaths=/run/user/nets/node_modules',
    'BindReadOnlyPaths=/run/user/nets/package.json',
    'BindReadOnlyPaths="/run/user/my sensor"',
  ]);
  expect(lines).toContain('Environment="SPIKEWIRE_PACKAGES=/run/user/my sensor,/opt/board"');
});
