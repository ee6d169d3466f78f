import { decode, type InstructionName, type OperandsOf } from '../instructions.ts';
import type { Kernels } from '../kernels.ts';
import type { MemoryViews } from '../memory.ts';
import { stepAdaptive } from './adaptive-population.ts';
import { addOthers } from './all-but-one.ts';
import { Arrivals } from './arrivals.ts';
import { collect } from './collect.ts';
import { convolve } from './convolution.ts';
import { addPairedRows, addRealRows } from './dense.ts';
import { addElements } from './elementwise.ts';
import { openWindow, takeInput } from './input-window.ts';
import { stepIntegers } from './integer-population.ts';
import { addProduct, changeRow } from './learning.ts';
import { pool, poolSpikes } from './pooling.ts';
import { stepReals } from './real-population.ts';
import { addSparse } from './sparse.ts';
import { sumsIn } from './sums.ts';
import { stepSynaptic } from './synaptic-population.ts';

type Preparations = { [Name in InstructionName]: (memory: MemoryViews, operands: OperandsOf<Name>) => () => void };

const preparations: Preparations = {
  advance: ({ int32 }, { list }) => {
    const descriptor = list / 4;
    return () => {
      const next = int32[descriptor]! + 1;
      int32[descriptor] = next === int32[descriptor + 1]! ? 0 : next;
    };
  },
  copy: ({ int8 }, { to, from, bytes }) => {
    return () => void int8.copyWithin(to, from, from + bytes);
  },
  collectInt16: (memory, operands) => collect(memory, sumsIn('int16', memory), operands),
  collectInt32: (memory, operands) => collect(memory, sumsIn('int32', memory), operands),
  collectFloat32: (memory, operands) => collect(memory, sumsIn('float32', memory), operands),
  addRowsInt16: (memory, operands) => addPairedRows(memory, sumsIn('int16', memory), operands),
  addRowsInt32: (memory, operands) => addPairedRows(memory, sumsIn('int32', memory), operands),
  addRowsFloat32: (memory, operands) => addRealRows(memory, sumsIn('float32', memory), operands),
  convolveInt16: (memory, operands) => convolve(memory, sumsIn('int16', memory), operands),
  convolveInt32: (memory, operands) => convolve(memory, sumsIn('int32', memory), operands),
  convolveFloat32: (memory, operands) => convolve(memory, sumsIn('float32', memory), operands),
  poolInt16: (memory, operands) => pool(memory, sumsIn('int16', memory), operands),
  poolInt32: (memory, operands) => pool(memory, sumsIn('int32', memory), operands),
  poolFloat32: (memory, operands) => pool(memory, sumsIn('float32', memory), operands),
  addElementsInt16: (memory, operands) => addElements(memory, sumsIn('int16', memory), operands),
  addElementsInt32: (memory, operands) => addElements(memory, sumsIn('int32', memory), operands),
  addElementsFloat32: (memory, operands) => addElements(memory, sumsIn('float32', memory), operands),
  stepMembranes16Sums16: (memory, operands) =>
    stepIntegers(memory, { membranes: memory.int16, sums: memory.int16 }, operands),
  stepMembranes16Sums32: (memory, operands) =>
    stepIntegers(memory, { membranes: memory.int16, sums: memory.int32 }, operands),
  stepMembranes32Sums16: (memory, operands) =>
    stepIntegers(memory, { membranes: memory.int32, sums: memory.int16 }, operands),
  stepMembranes32Sums32: (memory, operands) =>
    stepIntegers(memory, { membranes: memory.int32, sums: memory.int32 }, operands),
  stepReals,
  addSparseInt16: (memory, operands) => addSparse(memory, sumsIn('int16', memory), operands),
  addSparseInt32: (memory, operands) => addSparse(memory, sumsIn('int32', memory), operands),
  addSparseFloat32: (memory, operands) => addSparse(memory, sumsIn('float32', memory), operands),
  addOthersInt16: (memory, operands) => addOthers(memory, sumsIn('int16', memory), operands),
  addOthersInt32: (memory, operands) => addOthers(memory, sumsIn('int32', memory), operands),
  addOthersFloat32: (memory, operands) => addOthers(memory, sumsIn('float32', memory), operands),
  stepSynaptic,
  stepAdaptive,
  mark: (memory, { list, delay, mark }) => {
    const listed = new Arrivals(memory, memory.int32, { list, delay, sourceStride: 1, sourcePlaces: 1 });
    return () => {
      listed.open();
      if (listed.count > 0) memory.int32[mark / 4] = 1;
    };
  },
  takeInput,
  poolSpikesInt32: (memory, operands) => poolSpikes(memory, memory.int32, operands),
  poolSpikesFloat32: (memory, operands) => poolSpikes(memory, memory.float32, operands),
  addProduct,
  changeRow,
};

/** The kernels in plain TypeScript: for machines without SIMD in WebAssembly, and the readable truth beside the fast form. */
export function typescriptKernels(memory: MemoryViews): Kernels {
  const prepared = new Map<number, readonly (() => void)[]>();
  return {
    run(from, to) {
      let instructions = prepared.get(from);
      if (instructions === undefined) {
        instructions = prepare(memory, from, to);
        prepared.set(from, instructions);
      }
      for (const instruction of instructions) instruction();
    },
    openWindow: (window, events, steps) => openWindow(memory, window, events, steps),
  };
}

/** The instructions of a program part; a program never changes, so that this is done once. */
function prepare(memory: MemoryViews, from: number, to: number): (() => void)[] {
  const instructions: (() => void)[] = [];
  for (let at = from / 4; at < to / 4; ) {
    const { name, operands, next } = decode(memory.int32, at);
    const preparation = preparations[name] as (memory: MemoryViews, operands: Record<string, number>) => () => void;
    instructions.push(preparation(memory, operands));
    at = next;
  }
  return instructions;
}
