import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { needs } from '../services.ts';
import { type Browser, startBrowser } from './browser.ts';
import { INSTALLATIONS, installation, NodeRedProcess } from './node-red-process.ts';

const PLACE = { z: 'tab', x: 100, y: 100 };

type Part = Readonly<Record<string, unknown>> & { readonly id: string };

/** Nodes in a row that take the document of a POST as their message, and answer with what comes of it. */
function over(path: string, nodes: readonly Part[]): object[] {
  const own = { ...PLACE, type: 'function', outputs: 1 };
  return [
    { ...PLACE, id: `${path}-in`, type: 'http in', url: `/${path}`, method: 'post', wires: [[`${path}-asked`]] },
    {
      ...own,
      id: `${path}-asked`,
      func: 'return {...msg.payload, req: msg.req, res: msg.res}',
      wires: [[nodes[0]!.id]],
    },
    ...nodes.map((node, k) => ({ ...PLACE, ...node, wires: [[nodes[k + 1]?.id ?? `${path}-answer`]] })),
    { ...PLACE, id: `${path}-catch`, type: 'catch', scope: nodes.map(({ id }) => id), wires: [[`${path}-problem`]] },
    { ...own, id: `${path}-problem`, func: 'msg.problem = msg.error.message; return msg', wires: [[`${path}-answer`]] },
    {
      ...own,
      id: `${path}-answer`,
      func: 'const {req, res, _msgid, error, ...payload} = msg; return {req, res, payload}',
      wires: [[`${path}-out`]],
    },
    { ...PLACE, id: `${path}-out`, type: 'http response', statusCode: '', wires: [] },
  ];
}

async function example(name: string): Promise<Part[]> {
  return JSON.parse(await readFile(new URL(`../../nodes/examples/${name}.json`, import.meta.url), 'utf8'));
}

const EXAMPLE = await example('vibration');
const SPIKES = await example('spikes');

const FLOW = [
  ...EXAMPLE,
  ...SPIKES,
  { id: 'room', type: 'spikewire-net', model: 'temperature (°C)', modelType: 'channels', warmUp: '20' },
  { id: 'tab', type: 'tab', label: 'vibration' },
  ...over('vibration', [
    { id: 'machine', type: 'spikewire-source', gives: 'vibration', every: '', length: '8192', rate: '12000' },
    { id: 'features', type: 'spikewire-features', length: '8192', zones: 'group2-rigid', bearing: 'geometry' },
  ]),
  ...over('largest', [
    { id: 'encode', type: 'spikewire-encode', encoder: 'latency', range: '0, 10' },
    { id: 'decode', type: 'spikewire-decode', decoder: 'earliest-spike', labels: 'first, second, third' },
  ]),
  ...over('reading', [{ id: 'infer', type: 'spikewire-infer', net: 'room' }]),
  ...over('lesson', [{ id: 'learn', type: 'spikewire-learn', net: 'room', gives: 'target' }]),
];

describe.each(INSTALLATIONS)('vibration in %s', (name) => {
  let nodeRed: NodeRedProcess | undefined;
  let browser: Browser | undefined;
  afterAll(async () => {
    await browser?.close();
    await nodeRed?.close();
  });

  async function start(context: TestContext): Promise<NodeRedProcess> {
    nodeRed ??= await NodeRedProcess.start(await installation(context, name), FLOW);
    return nodeRed;
  }

  async function ask(path: string, message: object) {
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(`${nodeRed!.url}${path}`, { method: 'POST', headers, body: JSON.stringify(message) });
    return JSON.parse(await answer.text());
  }

  it('is measured, and shows where the bearing is damaged', async (context) => {
    await start(context);
    const healthy = await ask('vibration', { fault: 'none' });
    // Its unbalance is that of a sine of 0.325 m/s² and one of 0.1 m/s² at twice the frequency.
    expect(healthy.truth).toMatchObject({ fault: 'none', load: 0.5, speed: 1800 * 0.985 });
    const turn = 2 * Math.PI * 30 * 0.985;
    const velocity = (1000 * Math.hypot(0.325 / turn, 0.1 / (2 * turn))) / Math.SQRT2;
    expect(Math.abs(healthy.zone.velocity / velocity - 1)).toBeLessThan(0.05);
    expect(healthy.zone).toMatchObject({ zone: 'A', meaning: 'good', limits: [1.4, 2.8, 4.5] });
    for (const [fault, line] of [
      ['outer', 'bpfo'],
      ['inner', 'bpfi'],
    ] as const) {
      const { payload, truth, frequencies } = await ask('vibration', { fault, severity: 0.6 });
      expect(truth.fault).toBe(fault);
      expect(payload[line]).toBeGreaterThan(4 * healthy.payload[line]);
      expect(frequencies[line]).toBeCloseTo(truth.frequencies[line], 6);
    }
  });

  it('says what a message asks wrongly, and goes on', async (context) => {
    await start(context);
    const { problem } = await ask('vibration', { fault: 'cage' });
    expect(problem).toBe('msg.fault: is "cage"; expected none, outer, inner, ball');
    expect((await ask('vibration', { fault: 'none' })).truth.fault).toBe('none');
  });

  it('is learned by the nets of the example', async (context) => {
    const { url } = await start(context);
    for (const type of ['spikewire-anomaly', 'spikewire-classify']) {
      const { id } = EXAMPLE.find((node) => node.type === type)!;
      const view = async () => JSON.parse(await (await fetch(`${url}spikewire/monitor/${id}`)).text());
      const seen = async () => (await view()).frames?.length ?? 0;
      await expect.poll(seen, { timeout: 15_000 }).toBeGreaterThan(0);
    }
    expect(nodeRed!.output).not.toMatch(/\[error\]|\[warn\] \[/);
  });

  it('becomes spikes and a class, and a net takes lessons and is switched', async (context) => {
    await start(context);
    expect((await ask('largest', { payload: [2, 9, 5] })).payload).toBe('second');
    expect((await ask('largest', { payload: { a: 8, b: 1, c: 0 } })).payload).toBe('first');
    expect((await ask('largest', { payload: 'x' })).problem).toContain('expected a number');
    for (let k = 0; k < 25; k++) await ask('reading', { payload: 20 + Math.sin(k) });
    expect(await ask('lesson', { payload: [22] })).toMatchObject({ payload: 'applied', spikewire: { learned: true } });
    expect((await ask('lesson', { learning: false })).spikewire.learning).toBe(false);
    expect((await ask('lesson', { payload: [22] })).payload).toBe('frozen');
    expect((await ask('lesson', { learning: 'on' })).problem).toContain('expected true or false');
    expect((await ask('lesson', {})).problem).toBe('msg.payload: is missing; expected a target');
    expect((await ask('lesson', { learning: true })).spikewire.learning).toBe(true);
  });

  it('is shown in a tab of the editor, as long as somebody looks', async (context) => {
    await start(context);
    browser = await startBrowser(needs(context, 'chromium'));
    const page = await browser.context.newPage();
    const failures: string[] = [];
    page.on('pageerror', ({ message }) => failures.push(message));
    await page.goto(nodeRed!.url);
    await page.locator('[data-palette-type="spikewire-features"]').waitFor({ state: 'attached' });
    const nodes = page.getByLabel('Node with nets');
    const tab = nodes.locator('..');
    // The tab is added when its own file is loaded, which may be after those of the nodes.
    const shown = async () => {
      await page.evaluate("RED.actions.invoke('spikewire:show-monitor')");
      return nodes.locator('option').count();
    };
    await expect.poll(shown, { interval: 500 }).toBe(4);
    await nodes.selectOption({ label: 'unusual? (spikewire-anomaly)' });
    await expect.poll(() => tab.textContent()).toMatch(/kurtosis -?\d/);
    // Something is drawn: the score and spikes of a net in its warm-up may be nothing yet, its readings are not.
    const drawn = () =>
      page.evaluate<number>(`{
        const canvas = document.querySelector('canvas[aria-label="Readings"]');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        data.filter((value, k) => k % 4 === 3 && value > 0).length;
      }`);
    await expect.poll(drawn).toBeGreaterThan(100);
    expect(failures).toEqual([]);
  });

  it('is deployed again and again and leaves no timer, socket or thread behind', async (context) => {
    await start(context);
    await browser?.close();
    const source = { ...PLACE, id: 'running', type: 'spikewire-source', gives: 'slow', every: '0.02', wires: [[]] };
    const redeploy = async (times: number) => {
      for (let k = 0; k < times; k++) await nodeRed!.deploy([...FLOW, { ...source, name: `deployed ${k}` }]);
      await delay(3000); // a status stands for two seconds
      return nodeRed!.vitals();
    };
    const before = await redeploy(2);
    const after = await redeploy(10);
    expect(after.threads).toBeLessThanOrEqual(before.threads);
    expect(after.files).toBeLessThanOrEqual(before.files);
    // Timers of statuses come and go; ten sources that were not stopped would be ten more.
    expect(after.resources.Timeout).toBeLessThanOrEqual(before.resources.Timeout! + 4);
  });
});
