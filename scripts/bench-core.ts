// node scripts/run-ts.mjs scripts/bench-core.ts [OUTSTANDING...]: the core alone. npm run bench has this and more.
import { printCoreBench, runCoreBench } from './core-bench.js';

const targets = process.argv.slice(2).map(Number);
const sizes = (['kernel', 'scattered'] as const).flatMap((habit) =>
  targets.map((target): [typeof habit, number] => [habit, target]),
);
printCoreBench(await runCoreBench(targets.length > 0 ? sizes : undefined));
