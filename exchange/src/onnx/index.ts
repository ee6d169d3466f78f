export { type OnnxAttribute, OnnxModelBuilder } from './model-builder.ts';
