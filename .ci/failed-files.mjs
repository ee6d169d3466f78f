// Usage: failed-files.mjs REPORT MOST. Prints the files of a report with failed tests, a line each: none where the run
// itself went wrong, and all have to be tried again. Fails where they are more than MOST, which is no accident of the
// machine.
import { failuresOf, readReport } from './report.mjs';

const [report, most] = process.argv.slice(2);
const { files, errors } = readReport(report);
const failed = files.filter((result) => failuresOf(result).length > 0);
if (failed.length > Number(most)) process.exit(1);
if (errors.length === 0) for (const { name } of failed) console.log(name);
