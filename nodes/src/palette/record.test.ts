import { EventEmitter } from 'node:events';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import type { NodeRed, RuntimeNode } from '../node-red.ts';
import { recordNode } from './record.ts';

const RED = { _: (key: string) => key, settings: { userDir: tmpdir() } } as unknown as NodeRed;

const itself: { itself?: object } = {};
itself.itself = itself;

it.each([['pause'], [7n], [itself], ['long'.repeat(10_000)]])(
  'refuses a command in one short line: %#',
  async (command) => {
    const node = Object.assign(new EventEmitter(), { status() {} });
    recordNode.open(RED, node as unknown as RuntimeNode, { label: 'label', labelType: 'msg' });
    const problem = await new Promise((done) => node.emit('input', { command }, () => {}, done));
    expect(String(problem)).toMatch(/^msg\.command: is .{1,200}; expected start, stop$/);
    await new Promise((done) => node.emit('close', false, done));
  },
);
