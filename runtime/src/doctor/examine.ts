import type { Check, DoctorQuestion, Finding } from './checks/check.ts';

/** Does all checks at the same time; findings in the order of the checks. One that fails itself is a bad finding. */
export async function examine(checks: readonly Check[], question: DoctorQuestion): Promise<Finding[]> {
  const findings = await Promise.all(checks.map((check) => examineOne(check, question)));
  return findings.flat();
}

async function examineOne(check: Check, question: DoctorQuestion): Promise<Finding[]> {
  try {
    const results = [await check.look(question)].flat();
    return results.map((result) => ({ check: check.name, ...result }));
  } catch (problem) {
    const found = problem instanceof Error ? problem.message : String(problem);
    return [{ check: check.name, state: 'bad', found }];
  }
}
