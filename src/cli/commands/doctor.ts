import { type Check, runChecks } from '../../collect/checks.js';
import { safeText } from '../../base/safe-text.js';
import { UserError } from '../../base/errors.js';

/** Says, line by line, what live tracing needs and whether it is here. Exit 1 when no collector can run. */
export async function runDoctor(flags: { json: boolean }): Promise<void> {
  const checks = await runChecks();
  process.stdout.write(flags.json ? `${JSON.stringify(checks, null, 2)}\n` : checks.map(checkText).join(''));
  const collectors = checks.filter((check) => check.id === 'collector-bpf' || check.id === 'collector-bpftrace');
  if (!collectors.some((check) => check.ok)) {
    throw new UserError('this machine cannot be traced from here', ['The lines marked no above say what to do.']);
  }
}

function checkText(check: Check): string {
  const head = `${check.ok ? ' ok ' : ' no '} ${check.needed}: ${check.found}`;
  const advice = !check.ok && check.advice !== '' ? `\n       ${safeText(check.advice)}` : '';
  return `${safeText(head)}${advice}\n`;
}
