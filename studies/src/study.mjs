#!/usr/bin/env node
// Runs a study in a built workspace; without a name it lists them.
//
//   npm run study -- <name> [options] [row…]
//
// A study measures its rows, or the named ones, and writes its tables into a page of results; the other rows of the
// tables stay. Finished runs are kept in the results folder and not measured again, so an interrupted study continues.
import { standingOn, writeOn } from './shared/page.mjs';
import { helpOf, siteOf } from './shared/site.mjs';
import { studies } from './studies.mjs';

const say = (line) => process.stderr.write(`${line}\n`);

function list() {
  const width = Math.max(...Object.keys(studies).map((name) => name.length));
  const lines = Object.entries(studies).map(([name, { help }]) => `  ${name.padEnd(width)}  ${help}\n`);
  const help = '  --help  options and rows of a study\n';
  return `Usage: npm run study -- <name> [options] [row…]\n\n${lines.join('')}\n${help}`;
}

function describe(name, { help, reads, fills, prints }, module) {
  const what = fills === undefined ? `for ${prints}` : `fills its part of ${fills}`;
  const rows = module.rows === undefined ? '' : `\nRows: ${Object.keys(module.rows).join('; ')}\n`;
  const facts = `${what}${reads === undefined ? '' : `; reads ${reads} in the data folder`}`;
  return `${name}: ${help}\n${facts}\n\n${helpOf(module)}${rows}`;
}

/** Measures the steps, so many side by side, and writes the page after each. */
async function measure(steps, jobs, write) {
  const waiting = [...steps];
  async function work() {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      say(step.title);
      await step.measure();
      await write();
    }
  }
  await Promise.all(Array.from({ length: jobs }, work));
}

async function run(name, study, module, words) {
  const site = siteOf(name, module, words);
  const isWritten = study.fills !== undefined && !site.isQuick;
  const write = async () => {
    if (isWritten) writeOn(study.fills, name, await module.page(site, standingOn(study.fills, name)));
  };
  const { steps } = module;
  if (steps === undefined || site.onlyTable) await write();
  else await measure(steps(site), Number(site.jobs ?? 1), write);
  if (!isWritten) process.stdout.write(`${await module.page(site, '')}\n`);
  if (site.unknown > 0) say(`${site.unknown} rows have no results yet and stay as they are`);
}

async function main([name, ...words]) {
  const study = studies[name];
  if (name === undefined || name === '--help') return process.stdout.write(list());
  if (study === undefined) throw new Error(`there is no study "${name}"; \`npm run study\` lists them`);
  const module = await study.load();
  if (words.includes('--help')) return process.stdout.write(describe(name, study, module));
  return run(name, study, module, words);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  say(`study: ${error.message}`);
  process.exitCode = 1;
}
