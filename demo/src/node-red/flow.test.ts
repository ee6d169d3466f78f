import { palette } from '@spikewire/node-red-spikewire';
import { parseBrokerAddress } from 'spikewire/mqtt';
import { describe, expect, it } from 'vitest';
import { demoCredentials, demoFlow } from './flow.ts';

const brokerOf = (url: string) =>
  demoFlow(parseBrokerAddress(url)).find((node) => 'type' in node && node.type === 'mqtt-broker');

const variable = (name: string) => `\${${name}}`;

describe('the broker of the flow', () => {
  it.each([
    ['mqtt://host', { broker: 'host', port: '1883', usetls: false }],
    ['mqtt://[::1]:1884', { broker: '::1', port: '1884', usetls: false }],
    ['mqtts://host', { broker: 'host', port: '8883', usetls: true, verifyservercert: true }],
    ['wss://host/mqtt?a=1', { broker: 'wss://host:443/mqtt?a=1', usetls: false, verifyservercert: true }],
  ])('%s', (url, expected) => {
    expect(brokerOf(url)).toMatchObject(expected);
  });

  it('gets user and password from the environment, which alone has them', () => {
    const address = parseBrokerAddress('mqtts://grinder:se%3Acret@host');
    const { credentials, environment } = demoCredentials(address);
    const [[id, given]] = Object.entries(credentials) as [[string, object]];
    expect(brokerOf('mqtt://host')).toMatchObject({ id });
    expect(given).toEqual({ user: variable('SPIKEWIRE_DEMO_USER'), password: variable('SPIKEWIRE_DEMO_PASSWORD') });
    expect(environment).toEqual({ SPIKEWIRE_DEMO_USER: 'grinder', SPIKEWIRE_DEMO_PASSWORD: 'se:cret' });
    expect(JSON.stringify([demoFlow(address), credentials])).not.toMatch(/grinder|se:cret/);
  });

  it('gets none where the address has none', () => {
    const { credentials, environment } = demoCredentials(parseBrokerAddress('mqtt://host'));
    expect(Object.values(credentials)).toEqual([{}]);
    expect(environment).toEqual({});
  });
});

it('states every setting of its nodes, so that an editor has none to make up', () => {
  const nodes = demoFlow(parseBrokerAddress('mqtt://host')) as Record<string, unknown>[];
  const ours = nodes.filter(({ type }) => palette.some((declared) => declared.type === type));
  expect(ours.map(({ type }) => type)).toEqual(['spikewire-net', 'spikewire-infer']);
  for (const node of ours) {
    const { fields } = palette.find(({ type }) => type === node.type)!;
    expect(Object.keys(fields).filter((name) => node[name] === undefined)).toEqual([]);
  }
});
