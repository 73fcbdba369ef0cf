/** The report's only style sheet; its hash stands in the page's policy, so nothing else can style or run. */
export const reportStyle = `
:root{color-scheme:light dark;--ground:#f6f7f9;--card:#fff;--ink:#17202b;--soft:#5a6675;--line:#dde3ea;--accent:#1d5fd1;
--ok:#137a43;--ok-ground:#e4f5eb;--warn:#8a5300;--warn-ground:#fff1d9;--bad:#b3261e;--bad-ground:#fde8e6;--none:#5a6675;--none-ground:#eceff3;
--c0:#1d5fd1;--c1:#c2410c;--c2:#0f766e;--c3:#9333ea;--c4:#b91c5c;--c5:#4d7c0f;--c6:#0369a1;--c7:#78350f}
@media(prefers-color-scheme:dark){:root{--ground:#10151c;--card:#18202a;--ink:#e7ecf2;--soft:#9aa7b6;--line:#2b3644;--accent:#7fb0ff;
--ok:#6fdc9f;--ok-ground:#12382a;--warn:#ffc46b;--warn-ground:#3d2c0c;--bad:#ff9d94;--bad-ground:#47201d;--none:#9aa7b6;--none-ground:#252f3b;
--c0:#7fb0ff;--c1:#ff9e6b;--c2:#5fd6c8;--c3:#c9a0ff;--c4:#ff8fb8;--c5:#b6de6b;--c6:#7cd0ff;--c7:#e0b084}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main,header,footer{max-width:1120px;margin:0 auto;padding:0 24px}
header{padding-top:32px}
h1{font-size:26px;line-height:1.25;margin:0 0 4px;letter-spacing:-.01em}
h2{font-size:18px;margin:36px 0 12px}
h3{font-size:15px;margin:0}
p{margin:0 0 8px}
.mono,code{font-family:ui-monospace,"Cascadia Mono",Consolas,Menlo,monospace;font-size:13px}
.soft{color:var(--soft)}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.time{white-space:nowrap;font-variant-numeric:tabular-nums}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 20px;margin:0 0 14px}
.scroll{overflow-x:auto}
.facts{display:flex;flex-wrap:wrap;gap:6px 32px;margin:14px 0 0;padding:0}
.facts div{min-width:120px}
.facts dt{color:var(--soft);font-size:12px;text-transform:uppercase;letter-spacing:.05em}
.facts dd{margin:0}
.verdict{border-radius:10px;padding:14px 20px;margin:20px 0 0;font-size:16px;border-left:6px solid}
.verdict.ok{background:var(--ok-ground);border-color:var(--ok)}
.verdict.gap{background:var(--bad-ground);border-color:var(--bad)}
table{border-collapse:collapse;width:100%}
th{text-align:left;color:var(--soft);font-weight:600;font-size:12px;text-transform:uppercase;letter-spacing:.04em;padding:4px 14px 6px 0;border-bottom:1px solid var(--line);white-space:nowrap}
td{padding:6px 14px 6px 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
@media(max-width:760px){td:not([class]){min-width:200px}}
td.word{overflow-wrap:normal;white-space:nowrap}
tr:last-child td{border-bottom:0}
.chip{display:inline-block;border-radius:999px;padding:1px 10px;font-size:13px;font-weight:600;white-space:nowrap}
.chip.ok{color:var(--ok);background:var(--ok-ground)}
.chip.warn{color:var(--warn);background:var(--warn-ground)}
.chip.bad{color:var(--bad);background:var(--bad-ground)}
.chip.none{color:var(--none);background:var(--none-ground)}
details>summary{cursor:pointer;list-style:none;display:flex;flex-wrap:wrap;gap:4px 12px;align-items:baseline}
details>summary::-webkit-details-marker{display:none}
details>summary::before{content:"\\25B8";color:var(--soft)}
details[open]>summary::before{content:"\\25BE"}
details[open]>summary{margin-bottom:12px}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(460px,100%),1fr));gap:14px}
.charts .card{margin:0;min-width:0}
svg{display:block;width:100%;height:auto}
svg text{fill:var(--soft);font:11px system-ui,"Segoe UI",Roboto,Arial,sans-serif}
.grid{stroke:var(--line);stroke-width:1}
.plot{fill:none;stroke-width:1.6;stroke-linejoin:round}
.dot{stroke-width:0}
.legend{list-style:none;margin:8px 0 0;padding:0;font-size:13px;display:grid;gap:2px}
.legend li{display:flex;flex-wrap:wrap;gap:2px 8px;align-items:center}
.legend svg{width:28px;height:10px;flex:none}
.legend .number{margin-left:auto}
.s0{stroke:var(--c0)}.s1{stroke:var(--c1);stroke-dasharray:6 3}.s2{stroke:var(--c2);stroke-dasharray:2 2}.s3{stroke:var(--c3);stroke-dasharray:9 3 2 3}
.s4{stroke:var(--c4)}.s5{stroke:var(--c5);stroke-dasharray:6 3}.s6{stroke:var(--c6);stroke-dasharray:2 2}.s7{stroke:var(--c7);stroke-dasharray:9 3 2 3}
.d0{fill:var(--c0)}.d1{fill:var(--c1)}.d2{fill:var(--c2)}.d3{fill:var(--c3)}.d4{fill:var(--c4)}.d5{fill:var(--c5)}.d6{fill:var(--c6)}.d7{fill:var(--c7)}
footer{margin-top:36px;padding-bottom:40px;color:var(--soft);font-size:13px}
@media print{body{background:#fff}.card{break-inside:avoid}}
`;
