/** The style of the HTML flame graph: the classes k0, k1 and so on are those of `kinds`, in order. */
import { kindColours, TEXT } from '../parts/flame-colours.js';

export function htmlStyle(kinds: readonly string[]): string {
  return styleWith(kinds.map((kind, i) => [`k${i}`, ...kindColours(kind)]));
}

/** Returns the style with `colours`: backgrounds of classes in the light and in the dark scheme. */
export function styleWith(colours: readonly (readonly [className: string, light: string, dark: string])[]): string {
  const rules = (scheme: 1 | 2): string => colours.map((each) => `.${each[0]}{background:${each[scheme]}}`).join('');
  return `${STYLE}.box,.swatch{color:${TEXT.light}}${rules(1)}
@media(prefers-color-scheme:dark){:root{${DARK}}.box,.swatch{color:${TEXT.dark}}${rules(2)}}`;
}

const DARK =
  '--page:#16181b;--ink:#e6e8ea;--dim:#a3aab1;--line:#3a3f45;--panel:#1f2226;--hit:#ff4fd8;--focus:#7ab8ff;--loss:#ff8f7a';

const STYLE = `:root{color-scheme:light dark;--page:#fff;--ink:#1b1d1f;--dim:#565d64;--line:#d4d8dc;--panel:#f4f6f8;
--hit:#c4009a;--focus:#0b62d6;--loss:#b3261e}
*{box-sizing:border-box}
body{margin:0 auto;padding:16px 20px 32px;max-width:1800px;background:var(--page);color:var(--ink);
font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
h1{font-size:20px;margin:0 0 4px}h2{font-size:16px;margin:28px 0 8px}
ul{margin:0 0 14px;padding:0;list-style:none;color:var(--dim)}
.loss{color:var(--loss);font-weight:600}
code,.box,#detail,#search,td.path{font-family:ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace}
.bar{display:none;flex-wrap:wrap;gap:8px 10px;align-items:center;margin:0 0 8px}
.live .bar{display:flex}
button,#search{font-size:13px;color:var(--ink);background:var(--panel);border:1px solid var(--line);border-radius:5px;
padding:4px 9px;min-height:28px}
button{font-family:inherit;cursor:pointer}button:disabled{color:var(--dim);cursor:default;opacity:.6}
button:focus-visible,#search:focus-visible,.box:focus-visible{outline:2px solid var(--focus);outline-offset:1px;z-index:2}
button[aria-pressed=true]{border-color:var(--ink)}
.kind[aria-pressed=false]{text-decoration:line-through;color:var(--dim)}
.kind .swatch{display:inline-block;width:11px;height:11px;border-radius:2px;margin-right:6px;vertical-align:-1px}
#search{width:36ch;max-width:100%}
#found{color:var(--hit);font-weight:600}
#detail{position:sticky;top:0;z-index:3;min-height:44px;padding:5px 9px;margin:0 0 6px;background:var(--panel);
border:1px solid var(--line);border-radius:5px;font-size:13px;overflow-wrap:anywhere}
body:not(.live) #detail{display:none}
#graph{position:relative;overflow:hidden}
.box{position:absolute;height:19px;border-radius:2px;font-size:12px;line-height:19px;white-space:nowrap;
overflow:hidden;text-overflow:ellipsis;cursor:pointer;outline-offset:-2px!important}
.box.named{padding:0 4px}
.box:hover{filter:brightness(1.12)}
.box.above{opacity:.55}
.box.hit{box-shadow:inset 0 0 0 2px var(--hit)}
.dim{color:var(--dim)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13px}
th,td{text-align:left;vertical-align:top;padding:4px 10px 4px 0;border-top:1px solid var(--line)}
th{border-top:0;color:var(--dim);font-weight:600;white-space:nowrap}
td{min-width:12ch}td.number{min-width:0;text-align:right;white-space:nowrap}th.number{text-align:right}
td.path{overflow-wrap:anywhere;min-width:30ch;font-size:12px}
kbd{font:12px ui-monospace,"DejaVu Sans Mono",monospace;border:1px solid var(--line);border-radius:3px;padding:0 4px}
@media print{.bar,#detail{display:none!important}}
`;
