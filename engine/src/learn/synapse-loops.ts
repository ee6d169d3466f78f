import {
  type Connectivity,
  type LinearChange,
  perSynapse,
  type SynapseChange,
  type WeightChange,
} from '@spikewire/models';
import type { ActivityView } from './activity-history.ts';
import type { EligibilityTraces } from './eligibility.ts';
import type { Side, SynapseList, Synapses, VisitSynapse } from './weights/synapses.ts';
import { type LearnedWeights, type WeightProduct, weightRow } from './weights/weights.ts';

/** The share of active rows from which on a matrix is changed as a whole. */
const DENSE_SHARE = 0.25;

/** What all changes of one rule have in common. */
export interface ChangeSite {
  /** Where changes go instead of to the weights. */
  readonly eligibility: EligibilityTraces | undefined;
  readonly bounds: readonly [number, number] | undefined;
  /** Exponent of soft bounds. */
  readonly softness: number | undefined;
  /** Whether a change of spikes meets each weight at most once a step, so that bounds can be held in the same loop. */
  readonly boundsAtOnce: boolean;
}

/** The memory of what synapses did to thresholds that adapt, and how far a spike raises these. */
export interface AdaptingSite {
  readonly slow: EligibilityTraces;
  readonly rise: Float64Array;
}

/** A change of a rule, ready for the loops. */
export interface PreparedChange {
  readonly side: Side;
  /** The linear form, where rows of it can be applied in one loop. */
  readonly linear: LinearChange | undefined;
  readonly act: SynapseChange;
  /** The linear form again, to find out whether a row is silent. */
  readonly declared: LinearChange | undefined;
}

/**
 * A power or an exponential of a weight may leave the range of float32; from there no weight would come back. So large a
 * change is none.
 */
const LARGEST_CHANGE = 1e30;

/**
 * All loops over the synapses of one connection. A linear change is one row of a dense matrix or of a list for the
 * weights, any other change is asked for synapse by synapse; what they give is the same. Nothing is allocated.
 */
export class SynapseLoops {
  readonly #weights: LearnedWeights;
  readonly #synapses: Synapses;
  readonly #connectivity: Connectivity;
  readonly #row = weightRow();
  readonly #product: WeightProduct;
  /** Of listed synapses by output, with a synapse's own number in place of its input: x is then its eligibility. */
  readonly #eligible: SynapseList | undefined;
  readonly bytes: number;

  // What the visit of a synapse works on; fields, so that one visitor made at the start serves every step.
  #act: SynapseChange = () => 0;
  #view: ActivityView = { pre: [], post: [], signal: new Float64Array(0), memory: {} };
  #site: ChangeSite = { eligibility: undefined, bounds: undefined, softness: undefined, boundsAtOnce: false };
  #strength = 1;
  #trace = 0;
  #adapting: AdaptingSite | undefined;
  #factor: (j: number, view: ActivityView) => number = () => 0;

  readonly #change: VisitSynapse = (i, j, k, synapse) => {
    const weight = this.#weights.read(k);
    const change = this.#act(weight, i, j, this.#view) * this.#strength;
    if (change === 0 || !(Math.abs(change) <= LARGEST_CHANGE)) return;
    if (this.#site.eligibility !== undefined) this.#site.eligibility.add(synapse, change);
    else this.#weights.add(k, soften(change, weight, this.#site));
  };

  readonly #adapt: VisitSynapse = (i, j, _k, synapse) => {
    const { slow, rise } = this.#adapting!;
    const share = this.#strength * (this.#view.pre[this.#trace]!.at(i) - rise[j]! * slow.at(synapse));
    this.#site.eligibility!.add(synapse, share);
    slow.add(synapse, share);
  };

  readonly #consolidate: VisitSynapse = (_i, j, k, synapse) => {
    const change = this.#factor(j, this.#view) * this.#site.eligibility!.at(synapse);
    if (change !== 0) this.#weights.add(k, soften(change, this.#weights.read(k), this.#site));
  };

  readonly #clip: VisitSynapse = (_i, _j, k) => this.#weights.clip(k, this.#site.bounds![0], this.#site.bounds![1]);

  constructor(connectivity: Connectivity, synapses: Synapses, weights: LearnedWeights) {
    this.#connectivity = connectivity;
    this.#synapses = synapses;
    this.#weights = weights;
    const { inputs, outputs } = connectivity;
    this.#product = { inputs, outputs, factors: new Float64Array(outputs), trace: new Float64Array(0), scale: 1 };
    const entering = synapses.lists?.post;
    this.#eligible = entering && { ...entering, other: entering.synapse! };
    this.bytes = this.#product.factors.byteLength;
  }

  /** Whether weights, and so traces and changes, are integers. */
  get isInteger(): boolean {
    return this.#weights.isInteger === true;
  }

  /** Chooses how a change will be applied. */
  prepare(change: WeightChange, side: Side, { eligibility, softness }: ChangeSite): PreparedChange {
    if (typeof change === 'function') return { side, linear: undefined, act: change, declared: undefined };
    const dependsOnWeight = (change.dependence?.slope ?? 0) !== 0;
    const direct = eligibility === undefined ? softness === undefined : !dependsOnWeight;
    const linear = direct && this.#hasRows(eligibility) ? change : undefined;
    return { side, linear, act: perSynapse(change, side), declared: change };
  }

  /**
   * Applies a change to all synapses of neuron `n` on its side, times `strength`. Returns whether it could change
   * anything.
   */
  apply(change: PreparedChange, n: number, strength: number, view: ActivityView, site: ChangeSite): boolean {
    const { declared, linear, side, act } = change;
    if (declared !== undefined) {
      const factor = declared.factor(n, view) * strength;
      const offset = declared.offset === undefined ? 0 : declared.offset(n, view) * strength;
      if (factor === 0 && offset === 0) return false;
      if (linear !== undefined) {
        this.#applyRow(linear, side, n, factor, offset, view, site);
        return true;
      }
    }
    this.#act = act;
    this.#view = view;
    this.#site = site;
    this.#strength = strength;
    this.#visit(side, n, this.#change);
    return true;
  }

  /**
   * Applies a change to the synapses of all post neurons; marks in `changed` whose synapses it could change anything
   * at.
   */
  applyAll(change: PreparedChange, view: ActivityView, site: ChangeSite, changed: Uint8Array): void {
    const { linear } = change;
    const { structure, outputs, inputs } = this.#connectivity;
    const weights = this.#weights;
    const isProduct =
      structure === 'dense' &&
      linear?.trace !== undefined &&
      linear.offset === undefined &&
      linear.dependence === undefined;
    if (!isProduct || site.eligibility !== undefined || weights.addProduct === undefined) {
      for (let j = 0; j < outputs; j++) changed[j] = this.apply(change, j, 1, view, site) ? 1 : 0;
      return;
    }
    const reading = view.pre[linear.trace!]!;
    const product = this.#product;
    const { factors } = product;
    let active = 0;
    for (let j = 0; j < outputs; j++) {
      factors[j] = linear.factor(j, view);
      changed[j] = factors[j] === 0 ? 0 : 1;
      active += changed[j]!;
    }
    if (active > outputs * DENSE_SHARE) {
      product.trace = reading.values;
      product.scale = reading.scale;
      weights.addProduct(product);
      return;
    }
    for (let j = 0; j < outputs; j++) {
      if (changed[j] === 1) this.#addRow(j * inputs, 1, inputs, reading.values, 0, factors[j]! * reading.scale, 0);
    }
  }

  /**
   * As `applyAll`, into eligibilities behind thresholds that adapt: factor(j)·(x − rise_j·s), which s, `slow`, takes up
   * too.
   */
  applyAdapting({ declared }: PreparedChange, view: ActivityView, site: ChangeSite, adapting: AdaptingSite): void {
    this.#view = view;
    this.#site = site;
    this.#adapting = adapting;
    this.#trace = declared!.trace!;
    const { outputs } = this.#connectivity;
    for (let j = 0; j < outputs; j++) {
      this.#strength = declared!.factor(j, view);
      if (this.#strength !== 0) this.#synapses.forEachEntering(j, this.#adapt);
    }
  }

  /** Changes each weight by factor(j) times its synapse's eligibility. */
  consolidate(factor: (j: number, view: ActivityView) => number, view: ActivityView, site: ChangeSite): void {
    const { structure, inputs, outputs } = this.#connectivity;
    const { eligibility, softness } = site;
    const list = this.#eligible;
    const hasRows = structure === 'dense' || (list !== undefined && this.#weights.addListed !== undefined);
    if (!hasRows || softness !== undefined) {
      this.#factor = factor;
      this.#view = view;
      this.#site = site;
      for (let j = 0; j < outputs; j++) this.#synapses.forEachEntering(j, this.#consolidate);
      return;
    }
    for (let j = 0; j < outputs; j++) {
      const each = factor(j, view) * eligibility!.scale;
      if (each === 0) continue;
      if (list === undefined) this.#addRow(j * inputs, 1, inputs, eligibility!.values, j * inputs, each, 0);
      else this.#addListed(list, j, eligibility!.values, each, 0);
    }
  }

  /** Whether the changes of a neuron's synapses can be made in one loop. */
  #hasRows(eligibility: EligibilityTraces | undefined): boolean {
    if (this.#connectivity.structure === 'dense') return true;
    return this.#synapses.lists !== undefined && (eligibility ?? this.#weights.addListed) !== undefined;
  }

  /** Brings the weights of the synapses of neuron `n` into the bounds of the site. */
  clip(side: Side, n: number, site: ChangeSite): void {
    const { structure, inputs, outputs } = this.#connectivity;
    const lowest = site.bounds![0];
    const highest = site.bounds![1];
    const list = this.#synapses.lists?.[side];
    if (list !== undefined && this.#weights.clipListed !== undefined) {
      this.#weights.clipListed(list, n, lowest, highest);
    } else if (structure !== 'dense') {
      this.#site = site;
      this.#visit(side, n, this.#clip);
    } else if (side === 'post') this.#weights.clipRow(n * inputs, 1, inputs, lowest, highest);
    else this.#weights.clipRow(n, inputs, outputs, lowest, highest);
  }

  clipAll({ bounds }: ChangeSite): void {
    this.#weights.clipRow(0, 1, this.#weights.length, bounds![0], bounds![1]);
  }

  #visit(side: Side, n: number, visit: VisitSynapse): void {
    if (side === 'pre') this.#synapses.forEachLeaving(n, visit);
    else this.#synapses.forEachEntering(n, visit);
  }

  #applyRow(
    { trace, dependence }: LinearChange,
    side: Side,
    n: number,
    factor: number,
    offset: number,
    view: ActivityView,
    { eligibility, bounds, boundsAtOnce }: ChangeSite,
  ): void {
    const { inputs, outputs } = this.#connectivity;
    const entering = side === 'post';
    const start = entering ? n * inputs : n;
    const stride = entering ? 1 : inputs;
    const count = entering ? inputs : outputs;
    const other = entering ? view.pre : view.post;
    const reading = other[trace ?? 0]!;
    // Without a trace x is 1: all is offset.
    const each = trace === undefined ? 0 : factor * reading.scale;
    const constant = trace === undefined ? factor + offset : offset;
    const values = reading?.values ?? this.#row.trace;
    const list = this.#synapses.lists?.[side];
    if (eligibility !== undefined) {
      const common = dependence?.constant ?? 1;
      if (list !== undefined) eligibility.addListed(list, n, values, each * common, constant * common);
      else eligibility.addRow(start, stride, count, values, each * common, constant * common);
      return;
    }
    const row = this.#row;
    row.constant = dependence?.constant ?? 1;
    row.slope = dependence?.slope ?? 0;
    if (boundsAtOnce) {
      row.lowest = bounds![0];
      row.highest = bounds![1];
    }
    if (list === undefined) this.#addRow(start, stride, count, values, 0, each, constant);
    else this.#addListed(list, n, values, each, constant);
    row.constant = 1;
    row.slope = 0;
    row.lowest = Number.NEGATIVE_INFINITY;
    row.highest = Number.POSITIVE_INFINITY;
  }

  #addListed(list: SynapseList, n: number, trace: Float64Array | Float32Array, factor: number, offset: number): void {
    const row = this.#row;
    row.trace = trace;
    row.factor = factor;
    row.offset = offset;
    this.#weights.addListed!(list, n, row);
  }

  #addRow(
    start: number,
    stride: number,
    count: number,
    trace: Float64Array | Float32Array,
    first: number,
    factor: number,
    offset: number,
  ): void {
    const row = this.#row;
    row.start = start;
    row.stride = stride;
    row.count = count;
    row.trace = trace;
    row.first = first;
    row.factor = factor;
    row.offset = offset;
    this.#weights.addRow(row);
  }
}

/**
 * Soft bounds (Gütig et al. 2003): growth in proportion to (room above)^μ, loss to (room below)^μ, room as a share of
 * the range.
 */
function soften(change: number, weight: number, { bounds, softness }: ChangeSite): number {
  if (softness === undefined) return change;
  const lowest = bounds![0];
  const highest = bounds![1];
  const room = (change > 0 ? highest - weight : weight - lowest) / (highest - lowest);
  return change * Math.max(0, room) ** softness;
}
