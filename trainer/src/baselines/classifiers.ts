import type { ClassifierKind } from './classifier.ts';
import { linearLeastSquares } from './linear-least-squares.ts';
import { frozenLogisticRegression, logisticRegression, logisticRegressionRenormalised } from './logistic-regression.ts';
import { naiveBayes } from './naive-bayes.ts';
import { fiveNearestNeighbours, nearestNeighbour } from './nearest-neighbours.ts';
import { repeatLastLabel } from './repeat-last-label.ts';

/** The classifiers that learning spiking nets are compared with. A new one is a file of its own and a line here. */
export const classifiers: readonly ClassifierKind[] = [
  frozenLogisticRegression,
  repeatLastLabel,
  logisticRegression,
  logisticRegressionRenormalised,
  naiveBayes,
  nearestNeighbour,
  fiveNearestNeighbours,
  linearLeastSquares,
];
