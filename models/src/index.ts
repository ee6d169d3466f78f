export { weightOfAlphaPeak } from './build/alpha-current.ts';
export { type AnomalyOptions, anomalyModel, besidePrediction } from './build/anomaly-model.ts';
export { type ClassifierOptions, classifierModel, standardisedViews } from './build/classifier.ts';
export { type DiehlCookOptions, diehlCook } from './build/diehl-cook.ts';
export { type SynapseTiming, weightOfJump, weightOfPeak } from './build/exponential-current.ts';
export { Group } from './build/group.ts';
export { type LiquidOptions, liquidStateMachine } from './build/liquid-state-machine.ts';
export * from './build/network-builder.ts';
export { drawInputs, drawPairs, drawPairsBy, type SynapseRows } from './build/random-synapses.ts';
export type { SynapseSign, SynapseWeights } from './build/synapse-weights.ts';
export { type SynfireChainOptions, synfireChain } from './build/synfire-chain.ts';
export { type VogelsAbbottOptions, vogelsAbbott } from './build/vogels-abbott.ts';
export { addWinnerTakeAll, type WinnerTakeAllOptions } from './build/winner-take-all.ts';
export { type Budget, type Demand, defaultBudget, demandOf } from './check/budget.ts';
export { checkModel } from './check/check.ts';
export * from './coding/decoders/decoder.ts';
export * from './coding/decoders/decoders.ts';
export { baseOf, modelDecoder } from './coding/decoders/model-decoder.ts';
export {
  type Emit,
  type Encoder,
  type EncoderExample,
  type EncoderKind,
  type EncoderParameters,
  type EncoderSite,
  encoderBytes,
  encoderKind,
} from './coding/encoders/encoder.ts';
export * from './coding/encoders/encoders.ts';
export { latencyOf, strengthOfLatency } from './coding/encoders/latency.ts';
export { ChannelRange, type WarmUp } from './coding/range.ts';
export { fieldCentre, fieldResponse, type ReceptiveFields, receptiveFields } from './coding/receptive-fields.ts';
export { RunningQuantile } from './coding/running-quantile.ts';
export type * from './connections/connection-kind.ts';
export * from './connections/connectivity.ts';
export { connectElementwise } from './connections/elementwise.ts';
export { type ErrorCode, SpikewireError } from './error.ts';
export { exp } from './exponential.ts';
export { type FeatureCandidate, featureCandidates, type ReadingShape } from './features/chain/candidates.ts';
export { FeatureChain } from './features/chain/chain.ts';
export {
  chooseFeatures,
  FEWEST_SAMPLES,
  type FeatureChoice,
  type FeatureScore,
  type LabelledReadings,
  labelledFrames,
} from './features/chain/choose.ts';
export { featureKindOf, featureKinds } from './features/chain/features.ts';
export { namedFeatures } from './features/chain/named-features.ts';
export type { ScaledFrames } from './features/chain/scaled-frames.ts';
export type { EmitFrame, Feature, FeatureExample, FeatureKind, FeatureSite } from './features/feature.ts';
export { FrameMemory } from './features/frame-memory.ts';
export { FRAME_NUMBER } from './features/frame-numbers.ts';
export { Neighbours } from './features/neighbours.ts';
export { type Bearing, type BearingFrequencies, bearingFrequencies } from './features/spectrum/bearing-frequencies.ts';
export { BLANK_DIGEST, checkDigest, seal } from './file/digest.ts';
export {
  type CheckedReading,
  type ComparisonPage,
  type Ends,
  type Format,
  type ImmediateFormat,
  type Nearest,
  type Reading,
  type ReadingChoices,
  type RuleModel,
  readWith,
  type StepChoices,
  type Stimulus,
  type WritingChoices,
  writeWith,
} from './file/format.ts';
export { formatOf, formats, modelDigest, readAnyModel, readWithGraph, unknownFormat } from './file/formats.ts';
export { checkJsonMemory, jsonMemory } from './file/json-memory.ts';
export {
  isLearnedTensor,
  isUnsoundLearning,
  type LearnedState,
  type LearnedWeightsState,
  learnedIn,
  learnedTensors,
  learnedWeight,
  readLearned,
} from './file/learned-state.ts';
export type { RecordedInput, RecordingFormat, RecordingRequest, RunRecording } from './file/recording-format.ts';
export {
  type ReadSafetensorsOptions,
  readSafetensors,
  type Safetensors,
  writeSafetensors,
} from './file/safetensors.ts';
export { readModel, writeModel } from './file/spike.ts';
export { type StateMeaning, stateMeaning } from './file/state-meaning.ts';
export { MAXIMUM_HEADER_BYTES } from './file/text/header.ts';
export { formatJsonTree, type JsonTree, parseJsonTree } from './file/text/json-tree.ts';
export {
  defaultSample,
  type FormatModelOptions,
  formatModel,
  type ParseModelOptions,
  parseModel,
} from './file/text/model.ts';
export * from './graph/graph.ts';
export type { InputKind, OutputKind } from './graph/kind.ts';
export * from './graph/parameter.ts';
export * from './graph/semantics.ts';
export { held } from './held.ts';
export * from './kept-numbers.ts';
export { kindOf, type NodeKind, nodeKinds } from './kinds/kinds.ts';
export { areMasks, overlapOf } from './masks.ts';
export * from './model/model.ts';
export { windowSteps } from './model/model.ts';
export * from './model/quantization.ts';
export type { FlaggedStretch, NamedReading } from './monitoring/flagged-stretches.ts';
export type * from './monitoring/monitor/limit-reason.ts';
export * from './monitoring/monitor/monitor.ts';
export type { Level } from './monitoring/monitor/new-level.ts';
export { monitorKindOf, monitorKinds, predictsReadings } from './monitoring/monitors.ts';
export { RepeatedLongest } from './monitoring/usual/repeated-longest.ts';
export * from './monitoring/watch.ts';
export { solvePositiveDefinite } from './nef/cholesky.ts';
export { solveDecoders } from './nef/decoders.ts';
export { type Ensemble, type EnsembleOptions, ensemble } from './nef/ensemble.ts';
export { NEXT_READING_HEADROOM, type NextReadingOptions, nextReadingModel } from './nef/next-reading.ts';
export * from './nef/tuning.ts';
export { type Adaptation, fireAdapting } from './neurons/adaptation.ts';
export { type Firing, fire, isResting, prepareFiring } from './neurons/firing.ts';
export type * from './neurons/neuron-kind.ts';
export * from './parameters/declaration.ts';
export { readParameters } from './parameters/read.ts';
export type { Mechanism, Scaling, ScalingSite } from './plasticity/mechanisms/mechanism.ts';
export {
  type Mechanisms,
  mechanismParameters,
  mechanisms,
  readMechanisms,
  scalingsOf,
} from './plasticity/mechanisms/mechanisms.ts';
export * from './plasticity/rule.ts';
export { plasticityKinds } from './plasticity/rules.ts';
export { perSynapse } from './plasticity/weight-dependence.ts';
export {
  candidates,
  describe as describeValue,
  megabytes,
  printableLine,
  printableLines,
  printableText,
  shortNumber,
} from './printable.ts';
export type { Calibration } from './quantize/calibration.ts';
export { dequantize } from './quantize/dequantize.ts';
export { makeExplicit } from './quantize/explicit.ts';
export { type IntegerForm, integerFormOf, LEARNED_MAXIMUM, neuronConstants } from './quantize/integer-form.ts';
export { withLearnedWeights } from './quantize/learned-weights.ts';
export { sharing, valueFor } from './quantize/per-neuron.ts';
export type { QuantizeOptions } from './quantize/population.ts';
export { quantize } from './quantize/quantize.ts';
export { inputGain, linearDynamics, realWeights, rowsOf, weightUnits } from './quantize/real-units.ts';
export * from './quantize/report.ts';
export { roundHalfEven } from './quantize/rounding.ts';
export { arrivingUnit, largestEmission, sourceUnit, unitOf } from './quantize/units.ts';
export { RandomGenerator } from './random/generator.ts';
export { shuffled, shuffledIndices } from './random/shuffled.ts';
export { CLASS_NAME, isClassName } from './recognition/class-names.ts';
export { KnownRange, limitOf } from './recognition/known-range.ts';
export type * from './recognition/teachable.ts';
export type { FixedExpert, FixedReadout } from './recognition/teachable.ts';
export { winnerOf } from './recognition/winner.ts';
export { type FlatEdge, type FlatGraph, inlineSubgraphs } from './resolve/inline.ts';
export * from './resolve/resolve.ts';
export { isIdentity, type Wiring, wire } from './resolve/wiring.ts';
export { followMoments } from './running-moments.ts';
export * from './tensor.ts';
