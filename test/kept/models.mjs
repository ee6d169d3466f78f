// One small model of each kind that the builders make, and of each form of numbers.
import {
  addWinnerTakeAll,
  anomalyModel,
  classifierModel,
  diehlCook,
  liquidStateMachine,
  NEXT_READING_HEADROOM,
  NetworkBuilder,
  nextReadingModel,
  quantize,
  synfireChain,
  vogelsAbbott,
} from '@spikewire/models';

const channels = [
  { name: 'level', unit: 'm' },
  { name: 'flow', unit: 'l/s' },
];
const nextReading = () => nextReadingModel({ channels, neurons: 8, rangeWarmUp: 20, monitor: { warmUp: 20 } });
const anomaly = () =>
  anomalyModel({ channels: channels.slice(0, 1), neurons: 8, warmUp: 60, monitors: { warmUp: 30 } });
const classifier = () => classifierModel({ channels, labels: ['off', 'on'], neurons: 10, standardise: { warmUp: 20 } });

/** Its state is a hundred times the others', since twelve monitors keep counts of what is usual. */
export const LARGE = ['anomaly', 'anomaly-int8'];

/** How to make each model, by the name of its file. */
export const MODELS = {
  'next-reading': nextReading,
  'next-reading-int8': () => quantize(nextReading(), { bits: 8, headroom: NEXT_READING_HEADROOM }),
  'next-reading-int8-membrane16': () => quantize(nextReading(), { bits: 8, membraneBits: 16 }),
  anomaly,
  'anomaly-int8': () => quantize(anomaly(), { bits: 8, headroom: NEXT_READING_HEADROOM }),
  classifier,
  'classifier-int8': () => quantize(classifier(), { bits: 8 }),
  'classifier-int4': () => quantize(classifier(), { bits: 4 }),
  'vibration-classifier': vibrationClassifier,
  'diehl-cook': () => diehlCook({ inputs: 9, neurons: 4, presented: 0.05, rest: 0.02 }),
  'liquid-state-machine': () => liquidStateMachine({ inputs: 2, grid: [3, 3, 3] }),
  'synfire-chain': () => synfireChain({ groups: 3, width: 10 }),
  'vogels-abbott': () => vogelsAbbott({ neurons: 60, probability: 0.1 }),
  'winner-take-all': winnerTakeAll,
};

/** Blocks of a fast signal, and features in front of the net. */
function vibrationClassifier() {
  const features = [
    { type: 'block', parameters: { length: 16 } },
    { type: 'window', parameters: { length: 16 } },
    { type: 'rms', parameters: {} },
  ];
  return classifierModel({ channels: channels.slice(0, 1), labels: ['off', 'on'], neurons: 10, features });
}

/** Neurons that compete, with a learned connection in front of them. */
function winnerTakeAll() {
  const net = new NetworkBuilder();
  const input = net.input('in', 3);
  const cells = addWinnerTakeAll(net, { name: 'cells', neurons: 3, inhibition: 0.5, synapse: 0.005 });
  const learning = { rule: 'stdp', parameters: { aPlus: 0.01, aMinus: 0.0005 }, bounds: [0, 0.3] };
  net.connect(input, cells, { name: 'drive', weights: 0.1, learning });
  net.output('out', cells);
  return net.model();
}
