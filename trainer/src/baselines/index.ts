export type { AnomalyScore } from './anomaly-score.ts';
export type { Detection, StreamDetector } from './detector.ts';
export { type Forecast, forecastDetector, movingAverage, persistence } from './forecast.ts';
export { type MovingZScoreOptions, movingZScore } from './moving-z-score.ts';
export { runningZScore } from './running-z-score.ts';
