export { declaredEncoder, type EncodedInput, InputEncoders, inputsOf } from './input-encoders.ts';
export { InputStage } from './input-stage.ts';
export { OutputStage } from './output-stage.ts';
