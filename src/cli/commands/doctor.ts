import { UserError } from '../../base/errors.js';
import { safeJson } from '../../base/safe-json.js';
import { safeText } from '../../base/safe-text.js';
import { type Check, runChecks } from '../../collect/checks.js';
import { plainIfAsked } from '../options/look.js';

/** Prints, line by line, what live tracing needs and whether it is here. Throws a UserError when no collector can run. */
export async function runDoctor(flags: { json: boolean }): Promise<void> {
  const diagnosis = await runChecks();
  const { checks, collectors } = diagnosis;
  if (flags.json) process.stdout.write(`${safeJson(diagnosis)}\n`);
  else process.stdout.write(plainIfAsked(checks.map(checkText).join('')));
  if (collectors.length === 0) {
    throw new UserError('this machine cannot be traced from here', ['The lines marked NO above say what to do.']);
  }
  if (!flags.json) process.stdout.write(`\nLive tracing works, with the ${collectors.join(' and the ')} collector.\n`);
}

const PURPOSE: Record<Check['for'], string> = {
  live: 'needed',
  bpf: 'bpf collector',
  bpftrace: 'bpftrace collector',
  build: 'to build it',
  nice: 'better with it',
};

function checkText(check: Check): string {
  const head = `${check.ok ? 'ok' : 'NO'}  ${PURPOSE[check.for].padEnd(18)} ${check.needed}: ${check.found}`;
  const advice = !check.ok && check.advice !== '' ? `\n${' '.repeat(23)}${safeText(check.advice)}` : '';
  return `${safeText(head)}${advice}\n`;
}
