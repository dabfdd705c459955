/** The style of a page with a flame graph: both schemes, the elements that all pages have, and the graph. */
import type { ColourClass } from '../parts/flame-colours.js';

/** In both schemes ink, dim and loss have a contrast of 4.5 on the page and on panels, which a test checks. */
export const LIGHT =
  '--page:#fff;--ink:#1b1d1f;--dim:#565d64;--line:#d4d8dc;--panel:#f4f6f8;--hit:#c4009a;--focus:#0b62d6;--loss:#b3261e';
export const DARK =
  '--page:#16181b;--ink:#e6e8ea;--dim:#a3aab1;--line:#3a3f45;--panel:#1f2226;--hit:#ff4fd8;--focus:#7ab8ff;--loss:#ff8f7a';

/** Returns the style with the colours of some classes. The system's scheme holds until `data-scheme` overrides it. */
export function styleWith(colours: readonly ColourClass[]): string {
  const rules = (scheme: 1 | 2, within = ''): string =>
    colours
      .map((each) => `${within}.${each[0]}{background:${each[scheme].background};color:${each[scheme].text}}`)
      .join('');
  return `${STYLE}${rules(1)}
@media(prefers-color-scheme:dark){:root:not([data-scheme=light]){${DARK}}${rules(2, ':root:not([data-scheme=light]) ')}}
:root[data-scheme=dark]{color-scheme:dark;${DARK}}${rules(2, ':root[data-scheme=dark] ')}
:root[data-scheme=light]{color-scheme:light}
@media print{:root:root:root{color-scheme:light;${LIGHT}}${rules(1, ':root:root:root ')}.bar,#detail{display:none!important}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
}

const STYLE = `:root{color-scheme:light dark;${LIGHT}}
*{box-sizing:border-box}
body{margin:0 auto;padding:16px 20px 32px;max-width:1800px;background:var(--page);color:var(--ink);
font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
h1{font-size:20px;margin:0 0 4px}h2{font-size:16px;margin:28px 0 8px}h3{font-size:14px;margin:18px 0 4px}
ul{margin:0 0 14px;padding:0;list-style:none;color:var(--dim)}
.loss{color:var(--loss);font-weight:600}
code,.box,#detail,#search,.path,.still>div>div{font-family:ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace}
.bar{display:none;flex-wrap:wrap;gap:8px 10px;align-items:center;margin:0 0 8px}
.live .bar{display:flex}
button,select,#search{font-size:13px;color:var(--ink);background:var(--panel);border:1px solid var(--line);border-radius:5px;
padding:4px 9px;min-height:28px}
button,select{font-family:inherit;cursor:pointer}button:disabled{color:var(--dim);cursor:default}
:is(button,select,summary,#search,.box,[tabindex]):focus-visible{outline:2px solid var(--focus);outline-offset:1px;z-index:2}
button[aria-pressed=true]{border-color:var(--ink)}
.kind[aria-pressed=false]{text-decoration:line-through;color:var(--dim)}
.kind .swatch{display:inline-block;width:11px;height:11px;border-radius:2px;margin-right:6px;vertical-align:-1px}
#search{width:36ch;max-width:100%}::placeholder{color:var(--dim);opacity:1}
#found{color:var(--hit);font-weight:600}
#detail{position:sticky;top:var(--head,0px);z-index:3;min-height:44px;padding:5px 9px;margin:0 0 6px;background:var(--panel);
border:1px solid var(--line);border-radius:5px;font-size:13px;overflow-wrap:anywhere}
body:not(.live) #detail{display:none}
#graph{position:relative;overflow:hidden}
.box{position:absolute;height:17px;border-radius:2px;font-size:12px;line-height:17px;white-space:nowrap;
overflow:hidden;text-overflow:ellipsis;cursor:pointer;outline-offset:-2px!important}
.box.named{padding:0 4px}
.box:hover{filter:brightness(1.12)}
.box.above{filter:saturate(.4)}
.box.hit{box-shadow:inset 0 0 0 2px var(--hit)}
.dim{color:var(--dim)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13px}
th,td{text-align:left;vertical-align:top;padding:4px 10px 4px 0;border-top:1px solid var(--line)}
th{border-top:0;color:var(--dim);font-weight:600;white-space:nowrap}
td{min-width:12ch}td.number{min-width:0;text-align:right;white-space:nowrap}th.number{text-align:right}
td.path{overflow-wrap:anywhere;min-width:30ch;font-size:12px}
kbd{font:12px ui-monospace,"DejaVu Sans Mono",monospace;border:1px solid var(--line);border-radius:3px;padding:0 4px}
`;
