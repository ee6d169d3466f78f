import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { type Model, monitorNames } from '@spikewire/models';
import type { SwitchedCommand } from '../desk/access.ts';
import type { CommandName } from '../desk/command.ts';
import { commandsOf, type Routes, topicFor } from './routes.ts';

/** What nets are announced with. */
export interface AnnouncementOptions {
  readonly model: Model;
  readonly routes: Routes;
  /** Where devices are announced, usually `homeassistant`. */
  readonly prefix: string;
  /** The topic that says whether the process is there. */
  readonly linkTopic: string;
  /** Commands that may be given without a secret. */
  readonly commands: ReadonlySet<SwitchedCommand>;
  /** Whether the net takes classes that its model does not have. */
  readonly takesNewClasses: boolean;
}

/** An entity of Home Assistant; `platform` is its kind. */
type Component = Readonly<Record<string, string | boolean>>;
type Components = Readonly<Record<string, Component>>;

/** Commands that are a button, and what people call them. Resetting is too easy to press to be shown unasked. */
const BUTTONS: Partial<Record<CommandName, string>> = {
  normal: 'That was normal',
  save: 'Save',
  'take-back': 'Take the last label back',
  settle: 'Settle what was taught',
  reset: 'Forget what was learned',
};
/** Buttons of nets that can be taught. */
const TEACHING: readonly string[] = ['take-back', 'settle'];

/** Of all monitors that flag a result, as a template says it. */
const REASONS =
  "value_json.get('monitors', {}).values() | selectattr('reason', 'defined') | map(attribute='reason') | join('; ')";

/**
 * The retained message by which Home Assistant knows a net as a device (device-based MQTT discovery, Home Assistant
 * 2024.11 and later): whether it is anomalous, by monitor too, its score or class, a switch for learning, and buttons
 * for commands. Its states are those that the net publishes anyway.
 */
export function announcement(key: string, options: AnnouncementOptions) {
  const { routes, prefix, linkTopic } = options;
  const out = topicFor(routes.out, key);
  const digest = createHash('sha256').update(out).digest('hex').slice(0, 12);
  const id = `spikewire_${digest}`;
  const version = createRequire(import.meta.url)('../../package.json').version as string;
  const entities: Components = { ...sensors(out, options), ...controls(options, key) };
  const components: Components = Object.fromEntries(
    Object.entries(entities).map(([name, entity]) => [name, { ...entity, unique_id: `${id}_${name}` }]),
  );
  const document = {
    device: { identifiers: [id], name: key === '' ? out : key, manufacturer: 'spikewire', sw_version: version },
    origin: { name: 'spikewire', sw_version: version },
    availability: [{ topic: linkTopic, value_template: "{{ 'online' if value == 'ready' else 'offline' }}" }],
    state_topic: out,
    qos: 1,
    components,
  };
  return { topic: `${prefix}/device/${id}/config`, document };
}

/** In a template, why a monitor flags a reading; undefined where it does not. */
const reasonOf = (monitor: string) => `value_json.get('monitors', {}).get(${quoted(monitor)}, {}).reason`;

/** @param topic of the results */
function sensors(topic: string, { model, takesNewClasses }: AnnouncementOptions): Components {
  const { labels, monitors = [] } = model;
  const names = monitorNames(monitors);
  const flags = names.map((name, k): [string, Component] => [
    `monitor_${k}`,
    {
      platform: 'binary_sensor',
      name,
      device_class: 'problem',
      entity_category: 'diagnostic',
      value_template: `{{ 'ON' if ${reasonOf(name)} is defined else 'OFF' }}`,
    },
  ]);
  const watched: Components = {
    anomaly: {
      platform: 'binary_sensor',
      name: 'Unusual',
      device_class: 'problem',
      value_template: "{{ 'ON' if value_json.anomaly else 'OFF' }}",
      json_attributes_topic: topic,
      json_attributes_template: `{{ {'reason': ${REASONS}} | to_json }}`,
    },
    score: {
      platform: 'sensor',
      name: 'Score',
      state_class: 'measurement',
      // An empty text leaves the state as it is: in the warm-up there is no score.
      value_template: '{% if value_json.score is number %}{{ value_json.score }}{% endif %}',
    },
    ...Object.fromEntries(flags),
  };
  const named: Components = {
    class: {
      platform: 'sensor',
      name: 'Class',
      value_template: '{{ value_json.result if value_json.result is string else this.state }}',
    },
  };
  return { ...(names.length > 0 && watched), ...((takesNewClasses || labels.length > 0) && named) };
}

function controls({ routes, commands, takesNewClasses, model }: AnnouncementOptions, key: string) {
  const command_topic = topicFor(commandsOf(routes.in), key);
  const isFit = (name: string) =>
    TEACHING.includes(name) ? takesNewClasses : name !== 'normal' || (model.monitors ?? []).length > 0;
  const buttons = Object.entries(BUTTONS).filter(([name]) => commands.has(name as CommandName) && isFit(name));
  const entities: Components = Object.fromEntries(
    buttons.map(([name, words]) => [
      name.replace('-', '_'),
      {
        platform: 'button',
        name: words,
        command_topic,
        payload_press: name,
        ...(name === 'reset' && { entity_category: 'config', enabled_by_default: false }),
      },
    ]),
  );
  if (!commands.has('learn') || !commands.has('freeze')) return entities;
  const learning: Component = {
    platform: 'switch',
    name: 'Learning',
    command_topic,
    state_topic: `${topicFor(routes.out, key)}/status`,
    value_template: "{{ 'learn' if value_json.learning else 'freeze' }}",
    payload_on: 'learn',
    payload_off: 'freeze',
  };
  return { ...entities, learning };
}

/** A text as a template says it. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
