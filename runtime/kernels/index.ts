import { collect, collect16 } from './collect';
import { convolve } from './convolution';
import { addRows } from './dense';
import { addElements } from './elementwise';
import { advance } from './event-list';
import { stepIntegers } from './integer-population';
import { address, operand } from './memory';
import { pool } from './pooling';
import { stepReals } from './real-population';

/**
 * Runs the instructions from address `from` to address `to`: of a step, or of a part of one. An instruction is its operation, its
 * length in bytes, and its operands; `runtime/src/engine/clocked/instructions.ts` names them. One call does a whole step, because
 * a call from JavaScript costs as much as some small layers.
 */
export function run(from: usize, to: usize): void {
  for (let p = from; p < to; p += <usize>load<u32>(p, 4)) {
    switch (load<i32>(p)) {
      case 0:
        advance(address(p, 0));
        break;
      case 1:
        memory.copy(address(p, 0), address(p, 1), <usize>operand(p, 2));
        break;
      case 2:
        collect<i32>(p);
        break;
      case 3:
        collect<f32>(p);
        break;
      case 4:
        addRows<i16>(p);
        break;
      case 5:
        addRows<i32>(p);
        break;
      case 6:
        addRows<f32>(p);
        break;
      case 7:
        convolve<i16>(p);
        break;
      case 8:
        convolve<i32>(p);
        break;
      case 9:
        convolve<f32>(p);
        break;
      case 10:
        pool<i16>(p);
        break;
      case 11:
        pool<i32>(p);
        break;
      case 12:
        pool<f32>(p);
        break;
      case 13:
        addElements<i16>(p);
        break;
      case 14:
        addElements<i32>(p);
        break;
      case 15:
        addElements<f32>(p);
        break;
      case 16:
        stepIntegers<i16, i16>(p);
        break;
      case 17:
        stepIntegers<i16, i32>(p);
        break;
      case 18:
        stepIntegers<i32, i16>(p);
        break;
      case 19:
        stepIntegers<i32, i32>(p);
        break;
      case 20:
        stepReals(p);
        break;
      case 21:
        collect16(p);
        break;
    }
  }
}
