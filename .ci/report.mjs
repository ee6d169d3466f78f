import { readFileSync } from 'node:fs';

/** The results of the files in one of vitest's JSON reports. */
export function readReport(path) {
  return JSON.parse(readFileSync(path, 'utf8')).testResults;
}

/** A line for each test of a file that failed, or for the file where it could not be run at all. */
export function failuresOf({ status, message, assertionResults }) {
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (status === 'failed' && failed.length === 0) return [firstLine(message)];
  return failed.map((test) => `${test.fullName} – ${firstLine(test.failureMessages?.join(' '))}`);
}

function firstLine(text = '') {
  return text.split('\n', 1)[0].slice(0, 300);
}
