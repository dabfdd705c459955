import { TerminalProgram } from '../test/helpers/terminal.js';
const [size, ms, keys, ...args] = process.argv.slice(2);
const env: Record<string, string> = {};
while (args[0]?.includes('=')) { const [k, v] = args.shift()!.split('='); env[k] = v; }
const [columns, rows] = size.split('x').map(Number);
const t = new TerminalProgram(['dist/main.js', ...args], columns, rows, env);
const show = (what: string) => console.log(`== ${size} ${what}\n${t.lines().map((l) => `|${l}`).join('\n')}`);
await new Promise((r) => setTimeout(r, Number(ms)));
show('start');
for (const group of keys.split(' ')) {
  for (const key of group.split(',')) { t.press(key); await new Promise((r) => setTimeout(r, 80)); }
  await new Promise((r) => setTimeout(r, 500));
  show(group);
}
t.press('q'); t.press('q');
await t.exit;
process.exit(0);
