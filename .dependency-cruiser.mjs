// The layers of the house as rules that a machine checks: models ← engine ← { exchange, runtime ← { trainer, { nodes,
// fleet } ← demo, devices } } ← studies. What crosses packages goes through their names and `exports`; ARCHITECTURE.md says why.

/** What each package of the workspace may see besides itself. */
const SEES = {
  models: [],
  engine: ['models'],
  runtime: ['models', 'engine'],
  exchange: ['models', 'engine'],
  trainer: ['models', 'engine', 'runtime', 'exchange'],
  nodes: ['models', 'engine', 'runtime'],
  devices: ['models', 'engine', 'runtime'],
  fleet: ['models', 'engine', 'runtime'],
  demo: ['models', 'engine', 'runtime', 'nodes', 'fleet'],
  studies: ['models', 'engine', 'runtime', 'exchange', 'trainer', 'nodes', 'devices', 'test'],
};
const PACKAGES = Object.keys(SEES);
const ANY = `^(${PACKAGES.join('|')})/`;

/** Code that ships, as opposed to the tests beside it. */
const SOURCE = `${ANY}(src|kernels)/`;
const TEST = '[.]test(-data)?[.]ts$';
/**
 * Public faces, the command, threads (started by URL), the page's script and the kernels (compiled by another
 * compiler).
 */
const ENTRIES = [
  '/(index|commands|formats)[.]ts$',
  '/cli/main[.]ts$',
  '^studies/src/study[.]mjs$',
  '-thread[.]ts$',
  '/page/',
  '[.](editor|sidebar)[.]js$',
  '/kernels/',
  '[.]d[.]ts$',
];

/** Folders of the trainer that do without the runtime. */
const COMPUTING = [
  ...['anomalies', 'architecture', 'augmentations', 'backend', 'baselines', 'constraints', 'conversion', 'events'],
  ...['graph', 'kinds', 'layer-words', 'losses', 'lowering', 'methods', 'optimisers', 'regularisers'],
  ...['schedules', 'spike-times', 'surrogates', 'training', 'training-nodes'],
];

/** Takes a package that the build makes a part of it. */
const FOURIER = '^models/src/features/spectrum/fourier[.]ts$';

/** `importer` must not see any other package than these, whether by name or by path. */
function seesOnly([importer, packages]) {
  const others = [...PACKAGES, 'test'].filter((name) => name !== importer && !packages.includes(name));
  return {
    name: `${importer}-sees-only-lower-layers`,
    comment:
      'Arrows between packages go one way; the trainer stands on exchange and runtime, and these do not see each other.',
    severity: 'error',
    from: { path: `^${importer}/`, pathNot: TEST },
    to: { path: `^(${others.join('|')})/` },
  };
}

export default {
  forbidden: [
    ...Object.entries(SEES).map(seesOnly),
    {
      name: 'packages-are-imported-by-name',
      comment: 'Another package is seen through its name and its exports, never through a path into its folders.',
      severity: 'error',
      from: { path: ANY, pathNot: TEST },
      to: { path: ANY, pathNot: '^$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'no-cycle',
      comment: 'Two modules that need each other are one idea, or lack a third that both stand on.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'models-is-pure',
      comment:
        'Data and mathematics: no input, no output, no module of Node. One module has the Fourier transform of a package.',
      severity: 'error',
      from: { path: '^models/src/', pathNot: [TEST, FOURIER] },
      to: { pathNot: [ANY, '^test/'] },
    },
    {
      name: 'engine-is-pure',
      comment: 'Engines run wherever JavaScript runs, in a browser too: they need models, and no module of Node.',
      severity: 'error',
      from: { path: '^engine/src/', pathNot: TEST },
      to: { pathNot: [ANY, '^test/'] },
    },
    {
      name: 'engines-do-not-see-who-uses-them',
      comment:
        'What runs a net and what it learns need no coding of readings, no samples, no executor and no self-test.',
      severity: 'error',
      from: { path: '^engine/src/(clocked|event|reference|learn)/', pathNot: TEST },
      to: { path: '^engine/src/(coding|data|executor|self-test)/' },
    },
    {
      name: 'training-and-conversion-do-not-see-the-runtime',
      comment: 'What trains and converts computes: it needs the engine, and no broker, page, store or command line.',
      severity: 'error',
      from: { path: `^trainer/src/(${COMPUTING.join('|')})/`, pathNot: TEST },
      to: { path: '^runtime/' },
    },
    {
      name: 'a-graph-does-not-see-what-resolves-it',
      comment: 'What a graph is, and its kinds, can be said without what makes it runnable.',
      severity: 'error',
      from: { path: '^models/src/(graph|neurons|connections)/', pathNot: TEST },
      to: { path: '^models/src/(kinds|resolve|quantize|check|file)/' },
    },
    {
      name: 'mqtt-stays-at-its-link',
      comment: 'One module knows the MQTT client, and loads it when a stream needs it: the engine alone stays small.',
      severity: 'error',
      from: { path: SOURCE, pathNot: [TEST, '^runtime/src/mqtt/link/(link|connection|internals)[.]ts$'] },
      to: { path: 'node_modules/mqtt/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'page-runs-in-the-browser',
      comment: 'What runs in a page lies in its folder, or is shared by the page of the dashboard; beside types.',
      severity: 'error',
      from: { path: '^(runtime/src/dashboard|fleet/src/controller)/page/', pathNot: TEST },
      to: { pathNot: '^(runtime/(src|dist)/dashboard|$1)/page/|uPlot', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'store-does-not-see-its-surroundings',
      comment: 'The store works without a stream, a page or a command line around it.',
      severity: 'error',
      from: { path: '^runtime/src/store/', pathNot: TEST },
      to: { path: '^runtime/src/(session|desk|mqtt|dashboard|cli|agent)/' },
    },
    {
      name: 'source-does-not-import-tests',
      severity: 'error',
      from: { path: SOURCE, pathNot: TEST },
      to: { path: TEST },
    },
    {
      name: 'source-imports-only-what-its-package-declares',
      comment:
        'What only the workspace declares, its development tools, is not there on the device. The page brings uPlot, and ' +
        'the build takes the Fourier transform into the module that imports it.',
      severity: 'error',
      from: { path: SOURCE, pathNot: [TEST, '^runtime/src/dashboard/page/uPlot[.]esm[.]d[.]ts$', FOURIER] },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'imports-resolve',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-unused-module',
      comment:
        'A module that nobody imports but its test is left over, unless it is started or looked up from outside.',
      severity: 'error',
      from: { pathNot: TEST },
      module: { path: SOURCE, pathNot: [TEST, ...ENTRIES], numberOfDependentsLessThan: 1 },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'default'],
    },
  },
};
