/* Draws each <figure data-chart="kind"> from the table inside it. The table is
   the source: without scripts, in print and for readers of tables, it is there. */
import { BarChart, LineChart, ScatterChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { all } from './dom.js';

use([BarChart, LineChart, ScatterChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

const NARROW = 420; // px of the drawing
const LABELS = 15; // marks that still carry their value

/** The colours of the page's theme. */
function tokens() {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(`--mk-${name}`).trim();
  return {
    series: [1, 2, 3, 4, 5, 6].map((n) => value(`c${n}`)),
    ink: value('ink'),
    ink2: value('ink-2'),
    line: value('line'),
    edge: value('edge'),
    surface: value('surface'),
    font: value('font'),
  };
}

/** The lines of the table: a name, and the numbers of the columns with data-v. */
function read(figure) {
  return Array.from(figure.querySelector('tbody').rows, (row) => ({
    name: (row.cells[0].dataset.short || row.cells[0].textContent).trim(),
    demo: row.hasAttribute('data-demo'),
    part: row.hasAttribute('data-part'),
    values: Array.from(row.cells)
      .slice(1)
      .map((cell) => (cell.dataset.v === undefined ? null : Number(cell.dataset.v))),
  }));
}

const heads = (figure) => all('thead th', figure).map((cell) => cell.firstChild.textContent.trim());

/** Invented or provisional values are hatched in the colour of the ground. */
const hatch = (t) => ({ symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -Math.PI / 4, color: `${t.surface}8c` });

function base(t, unit) {
  return {
    animation: false,
    color: t.series,
    textStyle: { fontFamily: t.font, color: t.ink, fontSize: 13 },
    aria: { enabled: true, decal: { show: false } },
    grid: { left: 18, right: 16, top: 60, bottom: 4, containLabel: true },
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText', // the other mode writes style attributes, which the site forbids
      confine: true,
      axisPointer: { type: 'shadow' },
      backgroundColor: t.surface,
      borderColor: t.line,
      textStyle: { color: t.ink, fontSize: 13 },
      valueFormatter: (value) => (value === null || value === undefined ? '—' : `${value.toFixed(2)} ${unit}`),
    },
    legend: { top: 0, left: 0, itemWidth: 16, itemHeight: 10, textStyle: { color: t.ink2, fontSize: 13 } },
  };
}

const names = (t, data) => ({
  type: 'category',
  data,
  axisTick: { show: false },
  axisLine: { lineStyle: { color: t.ink2 } },
  axisLabel: { color: t.ink2, fontSize: 13 },
});

const amounts = (t, unit) => ({
  type: 'value',
  name: unit,
  nameTextStyle: { color: t.ink2, align: 'right' },
  splitLine: { lineStyle: { color: t.line } },
  axisLabel: { color: t.ink2 },
});

/** A target is dashed, so that its shape tells it too. */
const pace = (t, name, data, symbol) => ({
  name,
  type: 'line',
  symbol,
  symbolSize: 7,
  lineStyle: { width: 2, type: 'dashed', color: t.series[1] },
  itemStyle: { color: t.series[1] },
  data,
});

const column = (lines, index) => lines.map((line) => line.values[index]);

const kinds = {
  /** Years: a bar for what was reached, a tick for the target. */
  series(t, lines, labels, unit, tight) {
    const option = base(t, unit);
    option.xAxis = names(t, lines.map((line) => line.name));
    option.yAxis = amounts(t, unit);
    option.series = [
      {
        name: labels[1],
        type: 'bar',
        barMaxWidth: 44,
        itemStyle: { color: t.series[0] },
        // the number sits in the bar on plain ground, so that neither the hatching nor the tick crosses it
        label: {
          show: lines.length <= LABELS,
          position: 'insideTop',
          distance: 8,
          color: t.ink,
          backgroundColor: t.surface,
          padding: tight ? [2, 1] : [2, 4],
          borderRadius: 2,
          fontSize: tight ? 11 : 13,
          formatter: (point) => (typeof point.value === 'number' ? point.value.toFixed(tight ? 1 : 2) : ''),
        },
        data: lines.map((line) => ({ value: line.values[0], itemStyle: line.demo ? { color: t.series[0], decal: hatch(t) } : { color: t.series[0] } })),
      },
      { name: labels[2], type: 'scatter', symbol: 'rect', symbolSize: [tight ? 26 : 48, 4], itemStyle: { color: t.series[1] }, data: column(lines, 1) },
    ];
    return option;
  },

  /** Categories: horizontal bars, 其他 in grey. */
  hbars(t, lines, labels, unit) {
    const option = base(t, unit);
    const order = lines.slice().reverse(); // the axis counts from below
    delete option.legend;
    Object.assign(option.grid, { left: 4, top: 8, right: 64 });
    option.yAxis = Object.assign(names(t, order.map((line) => line.name)), { axisLine: { show: false } });
    option.xAxis = Object.assign(amounts(t, unit), { name: '', axisLabel: { show: false } });
    option.series = [
      {
        name: labels[1],
        type: 'bar',
        barMaxWidth: 20,
        label: { show: lines.length <= LABELS, position: 'right', color: t.ink, fontSize: 13, formatter: (point) => point.value.toFixed(2) },
        data: order.map((line) => ({ value: line.values[0], itemStyle: { color: line.name.startsWith('其他') ? t.series[4] : t.series[0] } })),
      },
    ];
    return option;
  },

  /** Months: cumulative lines of this year and the last, the target dashed. */
  cum(t, lines, labels, unit) {
    const option = base(t, unit);
    option.xAxis = names(t, lines.map((line) => line.name));
    option.yAxis = amounts(t, unit);
    option.series = [
      { name: labels[1], type: 'line', symbol: 'circle', symbolSize: 7, lineStyle: { width: 3, color: t.series[0] }, itemStyle: { color: t.series[0] }, data: column(lines, 0) },
      { name: labels[2], type: 'line', symbol: 'circle', symbolSize: 6, lineStyle: { width: 2, color: t.series[4] }, itemStyle: { color: t.surface, borderColor: t.series[4], borderWidth: 2 }, data: column(lines, 1) },
      pace(t, labels[3], column(lines, 2), 'none'),
    ];
    return option;
  },

  /** Months: bars of two years; a month that is not over is lighter. */
  monthbars(t, lines, labels, unit) {
    const option = base(t, unit);
    option.xAxis = names(t, lines.map((line) => line.name));
    option.xAxis.axisLabel.interval = 0;
    option.yAxis = amounts(t, unit);
    option.series = [
      {
        name: labels[1],
        type: 'bar',
        barMaxWidth: 16,
        barGap: '10%',
        itemStyle: { color: t.series[0] },
        data: lines.map((line) => ({ value: line.values[0], itemStyle: { opacity: line.part ? 0.7 : 1 } })),
      },
      { name: labels[2], type: 'bar', barMaxWidth: 16, itemStyle: { color: t.line, borderColor: t.edge, borderWidth: 1 }, data: column(lines, 1) },
      pace(t, labels[3], column(lines, 2), 'diamond'),
    ];
    return option;
  },
};

/** Shows the chart or the table, as the user chooses. */
function switcher(figure, box, wrap, chart) {
  const buttons = all('.mk-seg button', figure);
  figure.querySelector('.mk-seg').hidden = false;
  wrap.hidden = true;
  buttons.forEach((button) =>
    button.addEventListener('click', () => {
      const table = button.dataset.view === 'table';
      box.hidden = table;
      wrap.hidden = !table;
      buttons.forEach((other) => other.setAttribute('aria-pressed', String(other === button)));
      if (!table) chart.resize();
    }),
  );
}

const draws = all('.mk-chart[data-chart]').map((figure) => {
  const box = figure.querySelector('.mk-chart__canvas');
  const wrap = figure.querySelector('.mk-tablewrap');
  const lines = read(figure);
  const labels = heads(figure);
  const description = `图：${figure.querySelector('.mk-chart__head h2, .mk-chart__head h3').textContent}。各个数值见表。`;
  box.hidden = false;
  const chart = init(box, null, { renderer: 'svg', locale: 'ZH' });
  const draw = () => {
    const option = kinds[figure.dataset.chart](tokens(), lines, labels, figure.dataset.unit, box.clientWidth < NARROW);
    option.aria.label = { description };
    chart.setOption(option, true);
  };
  draw();
  addEventListener('resize', () => {
    if (!box.hidden) chart.resize();
  });
  if (!figure.hasAttribute('data-both')) switcher(figure, box, wrap, chart);
  return draw;
});

const redraw = () => draws.forEach((draw) => draw());
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ['data-bs-theme', 'class'] });
