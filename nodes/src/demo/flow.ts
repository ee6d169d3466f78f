/** Where the motes of the demo publish their readings, and where their predictions are expected. */
const TOPICS = { readings: 'motes/+/reading', predictionOf: '$replace(topic, "/reading", "/prediction")' } as const;

const TAB = 'c0ffee0000000001';
const BROKER = 'c0ffee0000000002';
const NET = 'c0ffee0000000003';
const INFO = `Eight recorded motes, a net for each: it predicts the next reading, learns from the error, and flags what it
did not foresee. The temperature sensor of one mote is moved by +3 °C at reading 2,000, for ever.`;

/** The sensor demo as a flow: readings from a broker through `spikewire-infer` and back, what is unusual in the sidebar. */
export function demoFlow({ hostname, port }: URL): readonly object[] {
  const place = (id: string, x: number, y: number, wires: readonly string[] = []) => ({
    id,
    z: TAB,
    x,
    y,
    wires: [wires],
  });
  const broker = { broker: hostname, port: port || '1883', protocolVersion: '4', keepalive: '60', cleansession: true };
  return [
    { id: TAB, type: 'tab', label: 'spikewire demo: eight motes', info: INFO },
    { id: BROKER, type: 'mqtt-broker', name: 'demo', autoConnect: true, ...broker },
    {
      ...{ id: NET, type: 'spikewire-net', name: 'motes', per: 'topic', capacity: '8', saveEvery: '2' },
      ...{ model: 'temperature (°C), humidity (%)', modelType: 'channels', warmUp: '300' },
    },
    {
      ...place('motes', 110, 100, ['infer']),
      type: 'mqtt in',
      topic: TOPICS.readings,
      qos: '1',
      datatype: 'json',
      broker: BROKER,
    },
    {
      ...place('infer', 290, 100),
      ...{ type: 'spikewire-infer', net: NET, teach: 'label', teachType: 'msg', wires: [['result', 'unusual'], []] },
    },
    {
      ...place('result', 490, 80, ['predictions']),
      ...{ type: 'change', name: 'prediction' },
      rules: [
        { t: 'set', p: 'payload', pt: 'msg', to: '$merge([spikewire, {"result": payload}])', tot: 'jsonata' },
        { t: 'set', p: 'topic', pt: 'msg', to: TOPICS.predictionOf, tot: 'jsonata' },
      ],
    },
    { ...place('predictions', 690, 80), type: 'mqtt out', topic: '', qos: '1', retain: 'false', broker: BROKER },
    {
      ...place('unusual', 490, 140, ['flags']),
      ...{
        type: 'switch',
        name: 'unusual?',
        property: 'spikewire.anomaly',
        propertyType: 'msg',
        outputs: 1,
        repair: false,
      },
      ...{ rules: [{ t: 'true' }], checkall: 'true' },
    },
    { ...place('flags', 690, 140), ...debug('unusual', 'spikewire') },
    { ...place('catch', 290, 200, ['problems']), type: 'catch', scope: ['infer'] },
    { ...place('problems', 490, 200), ...debug('problems', 'error.message') },
  ];
}

function debug(name: string, complete: string) {
  return { type: 'debug', name, active: true, tosidebar: true, console: false, complete, targetType: 'msg' };
}
