export { InputStage } from './input-stage.ts';
export { OutputStage } from './output-stage.ts';
