export { prepareFile, workFor, writeWhole } from '../atomic-file.ts';
export { readOwnersFile, readOwnersLine } from '../owners-file.ts';
export { readBroker } from './broker-option.ts';
export { choiceLines } from './choice-lines.ts';
export type * from './command.ts';
export { main } from './main.ts';
export { loadModel, openModel } from './model-argument.ts';
export { overwriteOption, refuseExisting } from './overwrite.ts';
export { formatTable } from './table.ts';
