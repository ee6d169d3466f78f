import type { ClassifierKind } from './classifier.ts';
import { linearLeastSquares, linearLeastSquaresOfBoth } from './linear-least-squares.ts';
import {
  frozenLogisticRegression,
  logisticRegression,
  logisticRegressionRenormalised,
  logisticRegressionTuned,
} from './logistic-regression.ts';
import { naiveBayes } from './naive-bayes.ts';
import { fiveNearestNeighbours, nearestNeighbour } from './nearest-neighbours.ts';
import { randomRectifiers } from './random-rectifiers.ts';
import { repeatLastLabel } from './repeat-last-label.ts';
import { samNearestNeighbours } from './sam-nearest-neighbours.ts';

/** The classifiers that learning spiking nets are compared with. A new one is a file of its own and a line here. */
export const classifiers: readonly ClassifierKind[] = [
  frozenLogisticRegression,
  repeatLastLabel,
  logisticRegression,
  logisticRegressionTuned,
  logisticRegressionRenormalised,
  naiveBayes,
  nearestNeighbour,
  fiveNearestNeighbours,
  samNearestNeighbours,
  linearLeastSquares,
  linearLeastSquaresOfBoth,
  randomRectifiers,
];
