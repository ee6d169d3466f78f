import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type MonitorDeclaration, nextReadingModel } from '@spikewire/models';
import type { MqttLink } from 'spikewire/mqtt';
import { Lock, machineProcessTable, nodeFileSystem, storeFailure } from 'spikewire/store';
import { hearAnswers, hearRefusals, type Prediction, stopped } from '../motes-link.ts';
import { type DemoOptions, monitorSettings } from '../options.ts';
import { MOTE_CHANNELS, numberOf, type Plant } from '../plant.ts';
import { Progress } from '../progress.ts';
import { Replay } from '../replay.ts';
import { loadPlant, monitorOf, movedNotice, RANGE_WARM_UP, readingTopic, scoringOf, settingsOf } from '../scene.ts';
import { onStage, type Stage } from '../stage.ts';
import { sum } from '../sum.ts';
import type { NodeRedDemoSummary } from '../summary.ts';
import { FlowNets, type NetFigures } from './flow-nets.ts';
import { PredictionRecord, type RecordedPrediction } from './prediction-record.ts';
import { PredictionScore } from './prediction-score.ts';
import { type Flow, startFlow } from './start.ts';

export interface NodeRedDemoOptions extends DemoOptions {
  /** Port of Node-RED on 127.0.0.1; 0: a free one. */
  readonly port: number;
  /**
   * Gets the summary while everything is still open, and keeps the flow open as long as its promise; `ended` resolves
   * when it has ended itself.
   */
  readonly onSummary: (summary: NodeRedDemoSummary, ended: Promise<string>) => Promise<void>;
}

/**
 * The main job on recorded data as a flow: eight motes over MQTT, and a Node-RED of its own that puts their readings
 * through `spikewire-infer`. Everything that is said of it comes from the messages that the flow publishes.
 */
export async function runNodeRedDemo(options: NodeRedDemoOptions): Promise<void> {
  await new NodeRedDemo(await loadPlant(), options).run();
}

/** Of the motes' connection; the nets have the seed of their node. */
const SEED = 1;

class NodeRedDemo {
  readonly #plant: Plant;
  readonly #options: NodeRedDemoOptions;
  readonly #monitor: MonitorDeclaration;
  readonly #score: PredictionScore;
  /** Predictions that were heard, by earlier runs too. */
  #scored = 0;
  readonly #work = { readings: 0, spikes: 0 };
  readonly #progress: Progress;

  constructor(plant: Plant, options: NodeRedDemoOptions) {
    this.#plant = plant;
    this.#options = options;
    const model = nextReadingModel({ channels: MOTE_CHANNELS, rangeWarmUp: RANGE_WARM_UP });
    this.#monitor = monitorOf(model, this.#settings);
    this.#progress = new Progress(plant.length, options.progress);
    this.#score = new PredictionScore(plant, scoringOf(this.#monitor));
  }

  get #settings() {
    return monitorSettings(this.#options);
  }

  run(): Promise<void> {
    const { signal, onSummary } = this.#options;
    return onStage(this.#options, SEED, async (stage) => {
      const { url, motes, closers } = stage;
      const folder = join(this.#options.store, 'node-red');
      await mkdir(folder, { recursive: true }).catch((failure) => {
        throw storeFailure(`store ${folder}`, 'make the folder', failure);
      });
      const lock = await Lock.take(folder, nodeFileSystem, machineProcessTable());
      closers.push(() => lock.release());
      const record = await PredictionRecord.read(join(folder, 'predictions.jsonl'));
      closers.push(async () => record.close());
      const flow = await this.#startFlow(url, folder, record);
      closers.push(() => flow.close());
      const nets = await this.#openNets(motes, flow);
      const resumed = await this.#resume(nets, record);
      const replay = await this.#openReplay(motes, nets, resumed.answered, record, flow);
      this.#introduce(stage, flow);
      await replay.run();
      const complete = !signal.aborted;
      if (complete) record.markComplete();
      await onSummary(await this.#summarise(nets, flow, replay, resumed.readings, complete), flow.ended);
    });
  }

  async #startFlow(mqtt: string, userDir: string, record: PredictionRecord): Promise<Flow> {
    const { say, port, fresh } = this.#options;
    const anew = fresh || record.complete;
    if (anew && record.predictions.length > 0) {
      say(record.complete ? 'the last run was complete: starting again' : 'starting again, as asked');
    }
    say('starting Node-RED …');
    const flow = await startFlow({ mqtt, userDir, port, fresh: anew, ...this.#settings });
    if (port !== 0 && flow.port !== port) say(`editor: port ${port} is in use; taking a free port instead`);
    return flow;
  }

  async #openNets(motes: MqttLink, flow: Flow): Promise<FlowNets> {
    const nets = await FlowNets.connect(motes);
    void flow.ended.then((reason) => nets.fail(stopped(reason)));
    await hearRefusals(motes, (id, reason) => nets.refused(id, reason));
    return nets;
  }

  /**
   * Asks the nets how far they are, and scores what they remember having predicted. Gives the number of each in its
   * stream.
   */
  async #resume(nets: FlowNets, record: PredictionRecord): Promise<Resumed> {
    const taken = await this.#takenBy(nets);
    const known = record.predictions.filter(([id, seq]) => seq <= (taken.get(id) ?? 0));
    const scored = known.filter((prediction) => this.#score.take(prediction));
    this.#scored = scored.length;
    await record.continueFrom(scored);
    const readings = sum(taken.values());
    if (readings > 0) {
      this.#options.say(`resumed what was learned from ${readings} readings (store ${this.#options.store})`);
    }
    return { readings, answered: this.#answeredAfter(taken) };
  }

  async #takenBy(nets: FlowNets): Promise<Map<string, number>> {
    const figures = await this.#askAll(nets, 'status');
    return new Map(this.#plant.streams.map(({ id }, k) => [id, figures[k]!.readings]));
  }

  #answeredAfter(taken: ReadonlyMap<string, number>): Map<string, number> {
    return new Map([...taken].map(([id, count]) => [id, this.#score.numberAfter(id, count)]));
  }

  #askAll(nets: FlowNets, command: 'status' | 'save'): Promise<NetFigures[]> {
    return Promise.all(this.#plant.streams.map(({ id }) => nets.ask(id, command)));
  }

  async #openReplay(
    motes: MqttLink,
    nets: FlowNets,
    from: ReadonlyMap<string, number>,
    record: PredictionRecord,
    flow: Flow,
  ): Promise<Replay> {
    const { seconds, signal } = this.#options;
    const replay = new Replay(motes, this.#plant, {
      topicOf: readingTopic,
      from,
      seconds,
      signal,
      onProgress: (index) => this.#progress.show(index, () => this.#score.score()),
      // Who changes the flow and deploys it may lose what is under way.
      taken: async () => this.#answeredAfter(await this.#takenBy(nets)),
    });
    await hearAnswers(motes, replay, (id, prediction) => this.#take(id, prediction, record));
    void flow.ended.then((reason) => replay.fail(stopped(reason)));
    return replay;
  }

  #take(id: string, { t, seq, anomaly = false, result, spikes }: Prediction, record: PredictionRecord): void {
    const expected = result && ([result.temperature!, result.humidity!] as const);
    const prediction: RecordedPrediction = [id, seq, numberOf(t), anomaly, expected];
    if (!this.#score.take(prediction)) return;
    this.#scored++;
    record.add(prediction);
    if (result === null) return;
    this.#work.readings++;
    this.#work.spikes += spikes;
  }

  #introduce({ broker }: Stage, { version, url: editor, page }: Flow): void {
    const { say } = this.#options;
    say(`broker ${broker}, Node-RED ${version}`);
    say(`flow ${editor}, page ${page}`);
    say(movedNotice(this.#plant));
  }

  async #summarise(
    nets: FlowNets,
    { version, url: editor, page }: Flow,
    { latencyMs }: Replay,
    resumedAt: number,
    complete: boolean,
  ): Promise<NodeRedDemoSummary> {
    const figures = await this.#askAll(nets, 'save');
    const { sensitivity, holdOff } = settingsOf(this.#monitor);
    return {
      nodeRed: { version, editor, page },
      moved: this.#plant.moved,
      sensitivity,
      holdOff,
      resumedAt,
      notScored: sum(figures.map(({ readings }) => readings)) - this.#scored,
      complete,
      learning: { name: 'learning in Node-RED', score: this.#score.score() },
      latencyMs,
      spikesPerReading: this.#work.spikes / this.#work.readings,
      networkBytes: figures[0]!.networkBytes,
      saves: sum(figures.map(({ saved }) => Number(saved?.sequence ?? 0))),
    };
  }
}

/** What the nets had taken when the demo began: readings in all, and up to which in each stream. */
interface Resumed {
  readonly readings: number;
  readonly answered: ReadonlyMap<string, number>;
}
