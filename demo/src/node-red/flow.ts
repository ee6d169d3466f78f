import type { BrokerAddress } from 'spikewire/mqtt';
import type { DemoOptions } from '../options.ts';
import { MOTE_CHANNELS } from '../plant.ts';
import { MOVED, RANGE_WARM_UP, ROUTES, readingTopic } from '../scene.ts';
import { PAGE, SHOWN_READINGS } from './page.ts';

const TAB = 'c0ffee0000000001';
const BROKER = 'c0ffee0000000002';
const NET = 'c0ffee0000000003';

/** As `spikewire run` has them; docs/messages.md. */
const COMMANDS = `${ROUTES.in}/command`;
const MOTES = ['single', 'multi'].flatMap((hop) => [1, 2, 3, 4].map((mote) => readingTopic(`${hop}-hop-${mote}`)));
const CHANNELS = MOTE_CHANNELS.map(({ name, unit }) => `${name} (${unit})`).join(', ');

const INFO = `Eight recorded motes, a net for each: it predicts the next reading, learns from the error, and flags what it
did not foresee. The temperature sensor of one mote is moved by +${MOVED.shift} °C at reading ${MOVED.reading}, for ever.

The buttons below freeze all nets or let them learn again: frozen, they never get used to the moved sensor.

Change what you like. The demo writes this flow again when it starts: export what you want to keep.`;

type Piece = Readonly<Record<string, unknown>> & { readonly id: string };

/** What a person may have set for the nets; undefined: as their model says. */
type FlowSettings = Pick<DemoOptions, 'sensitivity' | 'holdOff'>;

/**
 * The sensor demo as a flow: readings from a broker through `spikewire-infer` and back, with buttons and a page of its
 * own.
 */
export function demoFlow(broker: BrokerAddress, settings: FlowSettings = {}): readonly object[] {
  return [
    { id: TAB, type: 'tab', label: 'spikewire demo: eight motes', info: INFO },
    brokerNode(broker),
    {
      ...{ id: NET, type: 'spikewire-net', name: 'a net for each mote', per: 'topic', capacity: '8', saveEvery: '2' },
      ...{ model: CHANNELS, modelType: 'channels', warmUp: String(RANGE_WARM_UP) },
      ...{ sensitivity: String(settings.sensitivity ?? ''), holdOff: String(settings.holdOff ?? ''), inRow: '' },
      ...{ only: '', profile: 'plain', paths: '', missing: 'refuse', learning: true, onNewModel: 'keep' },
      ...{ store: '', storeBudget: '512', storePerDay: '512', place: '', device: '', worker: true },
      ...{ repository: '', root: '', published: '', channel: 'stable', groups: '', lookEvery: '3600' },
    },
    ...group({ id: 'way', name: 'Readings in, predictions out', box: [24, 39, 962, 232] }, way()),
    ...group({ id: 'asked', name: 'Commands: by MQTT, or with a button', box: [24, 299, 962, 232] }, commands()),
    ...group({ id: 'wrong', name: 'What the nets refuse', box: [24, 549, 962, 142] }, problems()),
    ...group({ id: 'shown', name: 'A page: /motes', box: [24, 719, 962, 142] }, page()),
  ];
}

/**
 * What Node-RED keeps as credentials of the flow's nodes, and the environment that these refer to: user and password
 * are in the memory of its process, and in no file.
 */
export function demoCredentials({ username, password }: BrokerAddress) {
  const given = [
    ['user', 'SPIKEWIRE_DEMO_USER', username],
    ['password', 'SPIKEWIRE_DEMO_PASSWORD', password],
  ].filter((entry): entry is [string, string, string] => entry[2] !== undefined);
  return {
    credentials: { [BROKER]: Object.fromEntries(given.map(([key, variable]) => [key, `\${${variable}}`])) },
    environment: Object.fromEntries(given.map(([, variable, value]) => [variable, value])),
  };
}

/** Over TLS a broker has to prove who it is, to those that Node trusts (`NODE_EXTRA_CA_CERTS` names more). */
function brokerNode({ scheme, host, port, path, shown }: BrokerAddress) {
  return {
    ...{ id: BROKER, type: 'mqtt-broker', name: 'broker of the demo', autoConnect: true },
    ...{ broker: scheme.startsWith('ws') ? `${shown}${path}` : host, port: String(port) },
    ...{ usetls: scheme === 'mqtts', verifyservercert: true },
    ...{ protocolVersion: '4', keepalive: '60', cleansession: true },
  };
}

/**
 * A reading goes through its mote's net, and what comes of it back to the broker, to the page, and where unusual to the
 * sidebar.
 */
function way(): Piece[] {
  return [
    subscription('readings', [130, 110], ROUTES.in, 'json', ['keep']),
    {
      ...change('keep', [330, 110], 'keep the reading', ['infer']),
      rules: [{ t: 'set', p: 'reading', pt: 'msg', to: 'payload.values', tot: 'msg' }],
    },
    { ...linkIn('to-nets', [405, 190], ['infer']), name: 'commands' },
    {
      ...at('infer', [510, 110], [['prediction', 'unusual', 'to-page'], ['to-answers']]),
      ...{ type: 'spikewire-infer', name: '', net: NET, teach: 'label', teachType: 'msg' },
    },
    {
      ...change('prediction', [700, 80], 'prediction', ['predictions']),
      rules: [
        { t: 'set', p: 'payload', pt: 'msg', to: '$merge([spikewire, {"result": payload}])', tot: 'jsonata' },
        retopic('prediction'),
      ],
    },
    publication('predictions', [880, 80]),
    {
      ...at('unusual', [700, 140], [['flags']]),
      ...{ type: 'switch', name: 'unusual?', property: 'spikewire.anomaly', propertyType: 'msg' },
      ...{ rules: [{ t: 'true' }], checkall: 'true', repair: false, outputs: 1 },
    },
    debug('flags', [880, 140], 'unusual', 'spikewire'),
    linkOut('to-page', [655, 190]),
    linkOut('to-answers', [655, 230]),
  ];
}

/**
 * `save`, `freeze`, `learn`, … for one mote by MQTT, or for all of them by a button; what the net answers goes to the
 * broker.
 */
function commands(): Piece[] {
  return [
    subscription('commands', [160, 340], COMMANDS, 'utf8', ['command']),
    {
      ...change('command', [450, 340], 'command', ['to-infer']),
      rules: [
        { t: 'move', p: 'payload', pt: 'msg', to: 'command', tot: 'msg' },
        { t: 'change', p: 'topic', pt: 'msg', from: '/command', fromt: 'str', to: '', tot: 'str' },
      ],
    },
    button('freeze', [130, 400], 'freeze all'),
    button('learn', [120, 460], 'all learn'),
    {
      ...at('each', [290, 430], [['of-mote']]),
      ...{
        type: 'split',
        name: 'each mote',
        splt: '\\n',
        spltType: 'str',
        property: 'payload',
        addname: '',
        arraySplt: 1,
        arraySpltType: 'len',
      },
    },
    {
      ...change('of-mote', [450, 430], 'to its net', ['to-infer']),
      rules: [{ t: 'move', p: 'payload', pt: 'msg', to: 'topic', tot: 'msg' }],
    },
    linkOut('to-infer', [565, 380]),
    linkIn('answers-in', [565, 460], ['answer']),
    {
      ...change('answer', [700, 460], 'answer', ['answers', 'answered']),
      rules: [
        {
          ...{ t: 'set', p: 'payload', pt: 'msg', tot: 'jsonata' },
          to: '$merge([spikewire, {"command": command, "answer": payload}])',
        },
        retopic('prediction/status'),
      ],
    },
    publication('answers', [880, 430]),
    { ...debug('answered', [880, 490], 'answers', 'payload.answer'), active: false },
  ];
}

/** A message that a net cannot take is caught, said, and answered; the flow goes on. */
function problems(): Piece[] {
  return [
    {
      ...at('catch', [110, 620], [['problem']]),
      ...{ type: 'catch', name: 'of the nets', scope: ['infer'], uncaught: false },
    },
    {
      ...change('problem', [370, 620], 'what was wrong', ['refusals', 'problems']),
      rules: [
        {
          ...{ t: 'set', p: 'payload', pt: 'msg', tot: 'jsonata' },
          to: '{"t": $millis(), "error": $replace(error.message, /^SpikewireError: /, "")}',
        },
        retopic('prediction/error'),
      ],
    },
    publication('refusals', [880, 590]),
    debug('problems', [880, 650], 'problems', 'payload.error'),
  ];
}

/** The newest readings of each mote, remembered in the memory of the flow, and a page that asks for them. */
function page(): Piece[] {
  return [
    linkIn('page-in', [65, 760], ['remember']),
    { ...at('remember', [180, 760]), ...{ type: 'function', name: 'remember', func: REMEMBER, outputs: 0 } },
    request('page-request', [380, 760], '/motes', ['page']),
    {
      ...at('page', [580, 760], [['page-reply']]),
      ...{ type: 'template', name: 'page', field: 'payload', fieldType: 'msg', format: 'html', syntax: 'plain' },
      ...{ template: PAGE, output: 'str' },
    },
    reply('page-reply', [910, 760]),
    request('newest-request', [400, 820], '/motes/newest', ['newest']),
    {
      ...change('newest', [610, 820], 'the newest', ['newest-reply']),
      rules: [{ t: 'set', p: 'payload', pt: 'msg', to: 'motes', tot: 'flow' }],
    },
    reply('newest-reply', [910, 820]),
  ];
}

/** Every fifth reading and all that are flagged, as far back as the page looks. */
const REMEMBER = `const motes = flow.get('motes') ?? {};
const mote = (motes[msg.topic] ??= { points: [], flags: 0, expected: null });
const { seq, anomaly = false } = msg.spikewire;
if (anomaly) mote.flags++;
if (anomaly || seq % 5 === 0) mote.points.push([seq, msg.reading.temperature, mote.expected, anomaly]);
while (mote.points.length > 0 && mote.points[0][0] <= seq - ${SHOWN_READINGS}) mote.points.shift();
mote.expected = msg.payload?.temperature ?? null;
flow.set('motes', motes);
`;

interface GroupOptions {
  readonly id: string;
  readonly name: string;
  /** x, y, width, height. */
  readonly box: readonly [number, number, number, number];
}

/** Pieces with a frame around them. */
function group({ id, name, box: [x, y, w, h] }: GroupOptions, pieces: readonly Piece[]): Piece[] {
  const frame = { id, type: 'group', z: TAB, name, style: { label: true }, nodes: pieces.map((piece) => piece.id) };
  return [{ ...frame, x, y, w, h }, ...pieces.map((piece) => ({ ...piece, g: id }))];
}

type Place = readonly [x: number, y: number];

function at(id: string, [x, y]: Place, wires: readonly (readonly string[])[] = []) {
  return { id, z: TAB, x, y, wires };
}

function subscription(id: string, place: Place, topic: string, datatype: string, to: readonly string[]) {
  return { ...at(id, place, [to]), type: 'mqtt in', topic, qos: '1', datatype, broker: BROKER, inputs: 0 };
}

function publication(id: string, place: Place) {
  return {
    ...at(id, place),
    type: 'mqtt out',
    name: 'to the broker',
    topic: '',
    qos: '1',
    retain: 'false',
    broker: BROKER,
  };
}

function change(id: string, place: Place, name: string, to: readonly string[]) {
  return { ...at(id, place, [to]), type: 'change', name };
}

/** Sends what it gets as the mote's `ending` instead of its reading. */
function retopic(ending: string) {
  return { t: 'change', p: 'topic', pt: 'msg', from: '/reading', fromt: 'str', to: `/${ending}`, tot: 'str' };
}

function debug(id: string, place: Place, name: string, complete: string) {
  const target = { tosidebar: true, console: false, tostatus: false, complete, targetType: 'msg' };
  return { ...at(id, place), type: 'debug', name, active: true, ...target };
}

function button(command: string, place: Place, name: string) {
  const props = [
    { p: 'command', v: command, vt: 'str' },
    { p: 'payload', v: JSON.stringify(MOTES), vt: 'json' },
  ];
  return { ...at(command, place, [['each']]), type: 'inject', name, props, repeat: '', once: false };
}

/** From where to where the links go that cross groups. */
const LINKS: readonly (readonly [from: string, to: string])[] = [
  ['to-page', 'page-in'],
  ['to-answers', 'answers-in'],
  ['to-infer', 'to-nets'],
];

function linkIn(id: string, place: Place, to: readonly string[]) {
  const links = LINKS.filter(([, end]) => end === id).map(([start]) => start);
  return { ...at(id, place, [to]), type: 'link in', name: '', links };
}

function linkOut(id: string, place: Place) {
  const links = LINKS.filter(([start]) => start === id).map(([, end]) => end);
  return { ...at(id, place), type: 'link out', name: '', mode: 'link', links };
}

function request(id: string, place: Place, url: string, to: readonly string[]) {
  return { ...at(id, place, [to]), type: 'http in', name: '', url, method: 'get' };
}

function reply(id: string, place: Place) {
  return { ...at(id, place), type: 'http response', name: '', statusCode: '', headers: {} };
}
