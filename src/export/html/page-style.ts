/** The style of the report around the flame graph. Colours of finding 0 to 6 (the rest): Okabe-Ito. */
export const PAGE_STYLE = String.raw`
:root[data-scheme=light]{color-scheme:light;--page:#fff;--ink:#1b1d1f;--dim:#565d64;--line:#d4d8dc;--panel:#f4f6f8}
:root[data-scheme=dark]{color-scheme:dark;--page:#16181b;--ink:#e6e8ea;--dim:#a3aab1;--line:#3a3f45;--panel:#1f2226}
.f0{fill:#D55E00;background:#D55E00}.f1{fill:#0072B2;background:#0072B2}.f2{fill:#009E73;background:#009E73}
.f3{fill:#56B4E9;background:#56B4E9}.f4{fill:#E69F00;background:#E69F00}.f5{fill:#CC79A7;background:#CC79A7}
.f6{fill:#999;background:#999}
.column{max-width:1100px}.answer{font-size:18px;margin:12px 0}.answer p{margin:0 0 8px}.answer .more{font-size:14px;color:var(--dim)}
.scheme{position:absolute;top:12px;right:20px}
.parts{display:flex;height:24px;margin:2px 0 8px}.parts span{overflow:hidden}
.none{background:repeating-linear-gradient(45deg,#D55E00 0 5px,#f0b48a 5px 9px)}
.legend{display:flex;flex-wrap:wrap;gap:4px 14px;font-size:13px}.legend i{display:inline-block;width:11px;height:11px;margin-right:5px}
#time{width:100%;max-width:1600px;height:220px;touch-action:none;background:var(--panel);display:block}
#time rect{fill:var(--ink);opacity:.18}#chip:empty{display:none}
.curve{width:120px;height:20px}.curve polyline{fill:none;stroke:#D55E00;stroke-width:1.5}
tr[data-finding]{cursor:pointer}tr.chosen{background:var(--panel);outline:1px solid var(--ink)}
pre{overflow-x:auto;background:var(--panel);padding:10px;font-size:12px}
@media print{@page{size:A4}button,input,#graph+p{display:none!important}body{background:#fff!important;color:#000!important}}
`;
