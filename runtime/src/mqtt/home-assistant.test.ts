import { readFile } from 'node:fs/promises';
import { anomalyModel, classifierModel, type Model, nextReadingModel } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../desk/command.ts';
import { announcement } from './home-assistant.ts';

/** What the documentation of Home Assistant allows. */
const allowed = JSON.parse(
  await readFile(new URL('../../../test/data/home-assistant/discovery.json', import.meta.url), 'utf8'),
);
const channels = [{ name: 'level', unit: 'm' }];
const models: Record<string, [Model, boolean]> = {
  'next reading': [nextReadingModel({ channels, neurons: 10 }), false],
  anomalies: [anomalyModel({ channels, neurons: 10 }), false],
  classes: [classifierModel({ channels }), true],
};

function announce(model: Model, takesNewClasses = false, key = 'kitchen') {
  return announcement(key, {
    model,
    takesNewClasses,
    routes: { in: '$share/g/house/+/air', out: 'house/+/state' },
    prefix: 'homeassistant',
    linkTopic: 'house/_/state/link',
    commands: new Set(COMMANDS),
  });
}

describe.each(Object.entries(models))('the announcement of a net for %s', (_, [model, takesNewClasses]) => {
  const { topic, document } = announce(model, takesNewClasses);

  it('has the topic and the keys of the documentation, and no others', () => {
    const [prefix, device, id, config, ...rest] = topic.split('/');
    expect([prefix, device, config, rest]).toEqual(['homeassistant', 'device', 'config', []]);
    expect(id).toMatch(new RegExp(allowed.objectId));
    const root = [...allowed.root.required, ...allowed.root.shared];
    expect(root).toEqual(expect.arrayContaining(Object.keys(document)));
    expect(Object.keys(document)).toEqual(expect.arrayContaining(allowed.root.required));
    expect(allowed.device).toEqual(expect.arrayContaining(Object.keys(document.device)));
    expect(Object.keys(document.origin)).toEqual(expect.arrayContaining(allowed.origin.required));
    expect(allowed.availability).toEqual(expect.arrayContaining(Object.keys(document.availability[0]!)));
  });

  it.each(Object.entries(document.components))('has a component %s as documented', (_name, component) => {
    const { platform } = component as unknown as { platform: string };
    const { required, optional } = allowed.platforms[platform];
    const keys = Object.keys({ state_topic: document.state_topic, ...component });
    expect(keys).toEqual(expect.arrayContaining([...allowed.component.required, ...required]));
    expect([...allowed.component.any, ...optional]).toEqual(expect.arrayContaining(Object.keys(component)));
    for (const [key, values] of Object.entries(component)) {
      const known = allowed.values[key];
      if (known !== undefined) expect(Array.isArray(known) ? known : known[platform]).toContain(values);
    }
  });

  it('has ids that are its own', () => {
    const ids = Object.values(document.components).map(({ unique_id }) => unique_id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(announce(model, takesNewClasses, 'bath').topic).not.toBe(topic);
    expect(announce(model, takesNewClasses)).toEqual({ topic, document });
  });
});

it('leads from a net to its topics and commands', () => {
  const { document } = announce(nextReadingModel({ channels, neurons: 10 }));
  expect(document).toMatchObject({
    device: { name: 'kitchen' },
    state_topic: 'house/kitchen/state',
    availability: [{ topic: 'house/_/state/link' }],
    components: {
      anomaly: { platform: 'binary_sensor', json_attributes_topic: 'house/kitchen/state' },
      score: { platform: 'sensor' },
      learning: {
        command_topic: 'house/kitchen/air/command',
        state_topic: 'house/kitchen/state/status',
        payload_on: 'learn',
        payload_off: 'freeze',
      },
      normal: { platform: 'button', command_topic: 'house/kitchen/air/command', payload_press: 'normal' },
      reset: { enabled_by_default: false },
    },
  });
  expect(document.components).not.toHaveProperty('class');
  const pressed = Object.values(document.components).flatMap(({ payload_press }) => payload_press ?? []);
  expect(COMMANDS).toEqual(expect.arrayContaining(pressed));
});

it('shows no control for what is not carried out', () => {
  const model = nextReadingModel({ channels, neurons: 10 });
  const options = { model, routes: { in: 'a', out: 'b' }, prefix: 'ha', linkTopic: 'b/link', takesNewClasses: false };
  const { document } = announcement('', { ...options, commands: new Set(['save'] as const) });
  const names = Object.keys(document.components);
  expect(names).toEqual(expect.arrayContaining(['anomaly', 'score', 'save']));
  for (const name of ['learning', 'reset']) expect(names).not.toContain(name);
});
