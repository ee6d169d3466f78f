export { checkConfiguration } from './check-configuration.ts';
export type {
  BrokerConfiguration,
  HostConfiguration,
  MessagesConfiguration,
  PageConfiguration,
  RulesConfiguration,
  SensorConfiguration,
  StoreConfiguration,
  StreamConfiguration,
} from './configuration.ts';
export { Host } from './host.ts';
export type { HostedModel, JudgedAnswers, PairedAnswers, WatchedModel } from './hosted-model.ts';
export { type ChecksOf, flag, type KeyNames, listOf, numberIn, part, tableOf, text } from './key-checks.ts';
export type { Comparison, ModelFigures, Watched } from './side-by-side.ts';
export type { Surroundings } from './surroundings.ts';
