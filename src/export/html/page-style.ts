/** The style of the report around the flame graph. */
import { MARKS_STYLE } from '../events/marks-html.js';
import { type ColourClass, kindColour } from '../parts/flame-colours.js';
import { BAND_STYLE } from './charts.js';
import { styleWith } from './flame-style.js';
import { LIMITS_STYLE } from './limits.js';
import { PART_STYLE } from './memory.js';

/** Returns the whole style: k0, k1 and so on are the classes of `lines`, in order. */
export function pageStyle(lines: readonly string[]): string {
  const classes = lines.map((line, i): ColourClass => [`k${i}`, kindColour(line), kindColour(line)]);
  const hatched = ['.l-none', ...lines.flatMap((line, i) => (line === 'none' ? [`.k${i}.k${i}`] : []))];
  return `${styleWith(classes)}${PAGE}${BAND_STYLE}${PART_STYLE}${LIMITS_STYLE}${MARKS_STYLE}${hatched.join(',')}{color:#000;background:${HATCH}!important}${PRINT}`;
}

/** Memory in no line of meminfo is hatched too, for print and for eyes that see no colours. */
const HATCH = '#d55e00 repeating-linear-gradient(45deg,#d55e00 0 8px,#e27b36 8px 10px)';

const PAGE = String.raw`
:root{--head:44px;scroll-padding-top:96px}body{padding-top:0}
label,select{max-width:100%}
header{position:sticky;top:0;z-index:5;height:40px;display:flex;align-items:center;gap:10px;margin:0 -20px;padding:0 20px;
background:var(--page);border-bottom:1px solid var(--line)}
header h1{flex:1;min-width:0;margin:0;font-size:14px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
header .bar{margin:0;flex-wrap:nowrap;gap:6px}
.column{max-width:1100px}.answer{font-size:18px;margin:16px 0}.answer p{margin:0 0 10px;overflow-wrap:anywhere}
.answer .more{font-size:14px;color:var(--dim)}.answer .doubt strong{color:var(--loss)}
.memory{display:grid;grid-template-columns:90px minmax(0,1fr);align-items:center;margin:0 0 6px}.memory .when{color:var(--dim);font-size:13px}
.parts{display:flex;height:24px;overflow:hidden;border-radius:2px;border:1px solid var(--line)}
.parts span{overflow:hidden;white-space:nowrap;font-size:12px;line-height:22px;padding-left:0;text-indent:5px}
.l-free{background:var(--panel);color:var(--ink)}
.legend{display:flex;flex-wrap:wrap;gap:3px 14px;font-size:13px;margin:6px 0}
.legend i,.labels i,.findings i{display:inline-block;width:11px;height:11px;margin-right:5px;border-radius:2px;vertical-align:-1px}
.legend i.l-free{border:1px solid var(--line)}
#time{max-width:1600px;position:relative}
.chart{margin:0;display:grid;grid-template-columns:minmax(0,1fr) 240px;column-gap:8px}
.plot{position:relative;height:220px;background:var(--panel);border-bottom:1px solid var(--dim)}
.plot svg{display:block;width:100%;height:220px}
.plot .most,.plot .least{position:absolute;left:5px;font-size:12px;background:var(--panel);padding:0 3px}
.plot .most{top:2px}.plot .least{bottom:2px}
.plot polyline{fill:none;stroke-width:1.5;vector-effect:non-scaling-stroke}.plot .gap{stroke-width:3}
.plot .zero{stroke:var(--dim);stroke-width:1;vector-effect:non-scaling-stroke}
.plot polygon{stroke:var(--panel);stroke-width:.5;vector-effect:non-scaling-stroke}#one{display:none}
.labels{position:relative;height:220px;font-size:12px}
.labels span{position:absolute;left:0;right:0;height:18px;line-height:18px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.times{display:flex;justify-content:space-between;font-size:12px;color:var(--dim)}
#brush{display:none;position:relative;height:28px;margin:0 248px 0 0;background:var(--panel);border:1px solid var(--line);
border-radius:4px;touch-action:pan-y;cursor:ew-resize;user-select:none;-webkit-user-select:none;font-size:12px;line-height:26px}
.live #brush{display:block}
.plot{touch-action:pan-y;user-select:none;-webkit-user-select:none}.live .plot{cursor:crosshair}
#cursor,#picked{position:absolute;top:0;bottom:0}#cursor{width:2px;margin-left:-1px;background:var(--focus);display:none}
#brush:focus-visible #cursor{display:block}
#picked{background:var(--ink);opacity:.28;min-width:2px}
#picked-text{position:absolute;left:8px;right:8px;text-align:center;white-space:nowrap;overflow:hidden;color:var(--ink)}
.plot .range{position:absolute;top:0;bottom:0;pointer-events:none;border:solid var(--ink);border-width:0 1px}
.plot .range::before{content:"";position:absolute;inset:0;background:var(--ink);opacity:.14}
.live.by-held #change,.live.by-change #held{display:none}
#chip{position:sticky;top:44px;z-index:3;margin:0 0 6px;padding:3px 8px;background:var(--ink);color:var(--page);border-radius:4px;
width:fit-content;max-width:100%}
#chip:empty{display:none}#chip button{color:inherit;background:none;border:1px solid currentColor;margin:0 6px 0 0;padding:0 7px;min-height:24px}
.findings td{min-width:0;border-top:0;padding:3px 10px 3px 0}.findings>tbody{border-top:1px solid var(--line)}
.findings .row{cursor:pointer}.findings .row:hover{background:var(--panel)}
.findings .c1,.findings .c2{text-align:right;white-space:nowrap}.findings .c4,.findings .c5{white-space:nowrap}
.findings .c6,.findings .c7{overflow-wrap:anywhere}
.findings .c0 button{white-space:nowrap;padding:0 7px;min-height:24px}
body:not(.live) .findings .c0 button{border:0;background:none;padding:0}
.findings .chosen .row{background:var(--panel);outline:1px solid var(--dim)}
.findings .opened td{padding:0 0 6px 12px}
summary{cursor:pointer;font:12px/1.5 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;color:var(--dim)}
.findings summary{white-space:nowrap;overflow:hidden;text-overflow:ellipsis;max-width:calc(100vw - 80px)}
.findings details[open] summary{white-space:normal;overflow-wrap:anywhere}
.parts-of{display:grid;grid-template-columns:repeat(auto-fit,minmax(240px,1fr));gap:4px 24px;padding:6px 0 6px 14px}
.parts-of .wide{grid-column:1/-1}.parts-of h3,.still h3{font-size:13px;margin:6px 0 2px}.parts-of ul{margin:0;font-size:12.5px;overflow-wrap:anywhere}
.parts-of strong{color:var(--ink);font-weight:600}
.histogram{width:auto;font-size:12px}.histogram th,.findings .histogram td{padding:0 8px 0 0;border:0;text-align:right;font-weight:400}
.findings .histogram .bars{width:120px;text-align:left}.histogram .bars i{display:block;height:9px;margin:4px 0;background:var(--dim);border-radius:0}
.curve{width:120px;height:20px;display:block}.curve polyline{fill:none;stroke:var(--ink);stroke-width:1.5}
.graph{max-width:1600px}.still>div{position:relative;overflow:hidden;margin:0 0 12px}
.still>div>div{position:absolute;height:17px;border-radius:2px;font-size:11px;line-height:17px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;
border-right:1px solid var(--page);text-indent:4px}
.live .still{display:none}
table.who{width:auto}table.who td{min-width:0;padding-right:16px;white-space:nowrap}.who.narrow .whole{display:none}
table.who tbody tr:hover{background:var(--panel)}
.holders{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(720px,100%),1fr));gap:0 30px}.holders section{min-width:0}
.live .few .rest{display:none}
#census p{margin:0 0 6px;overflow-wrap:anywhere}#census td:last-child{overflow-wrap:anywhere}
pre{overflow-x:auto;background:var(--panel);padding:10px;font-size:12px}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap;display:block}
[hidden]{display:none!important}
@media screen and (max-width:760px){body{padding:0 10px 24px}header{margin:0 -10px;padding:0 10px;gap:6px}header .bar button{padding:3px 6px;font-size:12px}
.answer{font-size:16px}.memory{grid-template-columns:minmax(0,1fr)}.chart{grid-template-columns:minmax(0,1fr)}.labels{height:auto;display:flex;flex-wrap:wrap;gap:2px 12px;order:3}
.labels span{position:static;height:auto}#brush{margin-right:0}.findings .c3,.findings .c5{display:none}
.findings,.findings td,.findings th{font-size:12px}.findings td,.findings th{padding-right:6px}.findings .c0 button{padding:0 4px}
.findings .c4{white-space:normal}.findings .opened td{padding-left:2px}.parts-of{padding-left:4px;grid-template-columns:minmax(0,1fr)}#search{width:100%}
table.who td{padding-right:10px}}
@media screen and (max-width:560px){.findings>thead{position:absolute;clip-path:inset(50%)}.findings,.findings>tbody,.findings .opened,.findings .opened td{display:block}
.findings .row{display:grid;grid-template:"n held state growth" auto ". who what what" auto/auto minmax(33%,auto) minmax(0,1fr) auto;gap:0 8px}
.findings .row td{padding:2px 0}.findings .c0{grid-area:n}.findings .c1{grid-area:held;text-align:left}.findings .c2{grid-area:growth}
.findings .c4{grid-area:state}.findings .c6{grid-area:who}.findings .c7{grid-area:what}
.findings .c2[data-per]::after{content:attr(data-per)}.findings .c2:not([data-per]){visibility:hidden}}
`;

/** A4, white, without controls: answer, memory, time, the first findings opened, the first one's flame graph, how sure. */
const PRINT = String.raw`
@media print{@page{size:A4;margin:14mm}body{padding:0;font-size:11px}.answer{font-size:15px}
header{position:static;margin:0;padding:0;border:0}header h1{white-space:normal}
button,select,input,#brush,.hint,.flame,#paths,#who,#caches,#as-text,noscript,.range,.unseen{display:none!important}
.findings .c0 button{display:inline!important;border:0;background:none;padding:0;color:inherit}
#chip{position:static}#chip button{display:inline!important;border:0;margin:0}.live .still,.still{display:block}.findings .opened{display:none}.findings .printed .opened{display:table-row}.findings .rest{display:none}
.findings details:not([open])::details-content{content-visibility:visible;display:block;block-size:auto}
.findings summary{white-space:normal;max-width:none;list-style:none}.findings .row,.chart,.memory,.still,.parts-of>div{break-inside:avoid}.findings .row{break-after:avoid-page}
.chart{grid-template-columns:minmax(0,1fr) 190px}h2{break-after:avoid;margin:16px 0 6px;font-size:13px}
.findings,.findings td{font-size:10px}.scroll{overflow:visible}.parts-of{grid-template-columns:1.2fr 1.1fr 1.1fr .8fr;gap:2px 10px}.histogram .bars{width:40px!important}.column{max-width:none}}
`;
