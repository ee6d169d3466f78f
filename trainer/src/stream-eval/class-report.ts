import type { Report, Table } from '@spikewire/exchange/report';
import type { JsonValue } from '@spikewire/models';
import { compareCost } from 'spikewire/data';
import { type ClassMeasurement, FROZEN, SPIKING } from './class-measurement.ts';
import { meanOf } from './figures.ts';
import { bootstrapOf, intervalOf, verdictOf } from './interval.ts';
import type { MethodRecord } from './method-record.ts';

/** The document, the tables and the curves of a measurement. */
export function classReport(measured: ClassMeasurement): Report {
  const { task, records } = measured;
  const rows = [...records.values()].map((record) => rowOf(record, measured));
  const head = ['', 'accuracy', 'macro F1', 'worst stream', 'forgotten', 'spiking − it', '', 'over streams'];
  const title = `${task.name}, ${percent(measured.labels)} % of the labels, ${measured.samples} samples`;
  const curves = [...records.values()].map((record) => ({ name: record.name, points: record.curve() }));
  return {
    document: documentOf(measured),
    tables: [{ title, head, rows }, segmentTable(measured)],
    charts: [{ title: 'Accuracy over the course of the streams', axis: '% of a stream', curves }],
  };
}

function rowOf(record: MethodRecord, measured: ClassMeasurement): string[] {
  const {
    task: { metric },
    options,
    records,
  } = measured;
  const difference = differenceFrom(record, measured);
  const { mean, half } = intervalOf(record.perRun('accuracy'), options.draws);
  return [
    record.name,
    `${percent(mean)}${half === undefined ? '' : ` ± ${percent(half)}`}`,
    percent(record.mean('f1macro')),
    percent(record.worst(metric).value),
    percent(record.mean('lost')),
    ...(record === records.get(SPIKING)
      ? ['', '', '']
      : [spread(difference), difference.verdict, rangeOf(difference.overStreams)]),
  ];
}

function segmentTable({ records, task }: ClassMeasurement): Table {
  const [ours, frozen] = [records.get(SPIKING)!.segments(), records.get(FROZEN)!.segments()];
  const rows = ours.map((segment, k) => [
    segment.name,
    String(segment.samples),
    percent(segment[task.metric]),
    percent(frozen[k]![task.metric]),
  ]);
  return { title: `Segments, ${task.metric}`, head: ['', 'samples', SPIKING, FROZEN], rows };
}

function documentOf(measured: ClassMeasurement): Record<string, JsonValue> {
  const { task, options, records, baselines, classes, cost } = measured;
  const ours = records.get(SPIKING)!;
  const besides = baselines.map(({ name }) => records.get(name)!);
  const best = besides.reduce((a, b) => (b.mean(task.metric) > a.mean(task.metric) ? b : a));
  const pooled = task.pooled?.map((name) => classes.indexOf(name));
  return {
    learn: options.learn,
    labels: measured.labels,
    seed: options.seed,
    fronts: options.fronts,
    draws: options.draws,
    metric: task.metric,
    classes,
    samples: measured.samples,
    majority: rounded(measured.majority),
    ...figuresOf(ours, task.metric),
    interval: rounded(intervalOf(ours.perRun(task.metric), options.draws).half),
    calibrationError: rounded(ours.calibrationError),
    ...(pooled && { pooledF1: rounded(ours.pooledF1(pooled)) }),
    frozen: {
      ...figuresOf(records.get(FROZEN)!, task.metric),
      difference: differenceFrom(records.get(FROZEN)!, measured),
      ...(pooled && { pooledF1: rounded(records.get(FROZEN)!.pooledF1(pooled)) }),
    },
    bestBaseline: best.name,
    baselines: Object.fromEntries(
      besides.map((record) => [
        record.name,
        {
          ...figuresOf(record, task.metric),
          calibrationError: rounded(record.calibrationError),
          difference: differenceFrom(record, measured),
          ...(pooled && { pooledF1: rounded(record.pooledF1(pooled)) }),
        },
      ]),
    ),
    segments: ours.segments().map((segment, k) => ({
      name: segment.name,
      samples: segment.samples,
      accuracy: rounded(segment.accuracy),
      f1macro: rounded(segment.f1macro),
      frozen: rounded(records.get(FROZEN)!.segments()[k]!.accuracy),
    })),
    ...(measured.strangeness.length > 0 && { areaUnderCurve: rounded(meanOf(measured.strangeness)) }),
    ...(options.newClass !== undefined && {
      newClass: {
        name: options.newClass,
        recallAfter5: rounded(meanOf(measured.recall[0]!)),
        recallAfter10: rounded(meanOf(measured.recall[1]!)),
      },
    }),
    ...costOf(measured),
    millisecondsPerAnswer: rounded(cost.answerMilliseconds / cost.answers),
    millisecondsPerLesson: rounded(cost.lessonMilliseconds / cost.lessons),
  };
}

/** Work, energy and memory of the net that learns, as `spikewire inspect` counts them. */
function costOf({ cost: { front }, stateBytes, taught }: ClassMeasurement) {
  const [spikesPerSample, synapticOpsPerSample, multiplicationsPerSample] = [
    front.spikes / front.samples,
    front.synapticOperations / front.samples,
    front.multiplications / front.samples,
  ];
  const activity = { spikesPerSample, synapticOpsPerSample, multiplicationsPerSample };
  const { spiking, lesson } = compareCost({ ...front.shape!, taught }, activity);
  return {
    spikesPerSample: rounded(spikesPerSample),
    synapticOpsPerSample: rounded(synapticOpsPerSample),
    multiplicationsPerSample: rounded(multiplicationsPerSample),
    featureMultiplyAdds: rounded(spiking!.features),
    multiplyAddsPerAnswer: rounded(spiking!.readOut),
    multiplyAddsPerLesson: rounded(lesson?.operations),
    nanojoulesPerAnswer: rounded(spiking!.nanojoules),
    nanojoulesPerLesson: rounded(lesson?.nanojoules),
    memoryBytes: front.memoryBytes,
    stateBytes,
  };
}

function figuresOf(record: MethodRecord, metric: 'accuracy' | 'f1macro') {
  const worst = record.worst(metric);
  return {
    accuracy: rounded(record.mean('accuracy')),
    f1macro: rounded(record.mean('f1macro')),
    worst: { name: worst.name, value: rounded(worst.value) },
    forgetting: rounded(record.mean('lost')),
    base: rounded(record.mean('before')),
  };
}

/**
 * Ours less theirs: a mean with its 95 % interval over fronts and draws of labels, whether that has a winner, and the
 * 95 % interval over streams.
 */
function differenceFrom(theirs: MethodRecord, { task: { metric }, options, records }: ClassMeasurement) {
  const other = theirs.perRun(metric);
  const ours = records.get(SPIKING)!.perRun(metric);
  const difference = intervalOf(
    ours.map((value, run) => value - other[run]!),
    options.draws,
  );
  const [streams, otherStreams] = [records.get(SPIKING)!, theirs].map((record) => record.perStream(metric));
  const overStreams = bootstrapOf([...streams!].map(([name, value]) => value - otherStreams!.get(name)!));
  return {
    mean: rounded(difference.mean),
    half: rounded(difference.half),
    verdict: verdictOf(difference),
    overStreams: overStreams === undefined ? null : overStreams.map(rounded),
  };
}

function rangeOf(interval: readonly (number | null)[] | null): string {
  return interval === null ? '' : `${percent(interval[0]!)} … ${percent(interval[1]!)}`;
}

function spread({ mean, half }: { readonly mean: number | null; readonly half: number | null }): string {
  return `${percent(mean)}${half === null ? '' : ` ± ${percent(half)}`}`;
}

function percent(share: number | null): string {
  return share === null || Number.isNaN(share) ? '' : (100 * share).toFixed(1);
}

/** For the document: five digits behind the point; null where there is no number. */
function rounded(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : Number(value.toFixed(5));
}
