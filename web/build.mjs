/* Builds web/static from web/assets and the packages: one style sheet, one
   script for every page, one for pages with charts, the icons. */
import { build, transform } from 'esbuild';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PurgeCSS } from 'purgecss';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const out = (name) => here(`static/${name}`);

// Old shells of WeChat and 360 are in use.
const target = ['chrome80', 'safari14.1'];

// Classes of Tabler that a page may use at any time, although no template does yet.
const keep = [
  /^(m|p)[tbsexy]?-((sm|md|lg|xl)-)?(\d|auto)$/,
  /^(row-|column-)?gap-((sm|md|lg|xl)-)?\d$/,
  /^d-((sm|md|lg|xl|print)-)?(none|block|inline|inline-block|flex|inline-flex|grid)$/,
  /^(flex|justify-content|align-items|align-self)-((sm|md|lg)-)?[a-z]+(-[a-z]+)?$/,
  /^text-(start|end|center|nowrap|break|wrap)$/,
  /^(fw|w|h)-[a-z0-9]+$/,
  /^(btn|btn-sm|btn-lg|btn-primary)$/,
  /^form-(control|control-sm|select|check|check-input|check-label|label)$/,
  /^(input-group|input-group-text|breadcrumb|breadcrumb-item|pagination|page-item|page-link|active|disabled)$/,
  /^(container|container-xl|row|col|visually-hidden|visually-hidden-focusable|list-unstyled)$/,
];

async function styles() {
  const tabler = await readFile(here('node_modules/@tabler/core/dist/css/tabler.min.css'), 'utf8');
  const [purged] = await new PurgeCSS().purge({
    content: [here('templates/**/*.html'), here('assets/js/*.js')],
    css: [{ raw: tabler }],
    safelist: keep,
    variables: false,
  });
  const own = await build({ entryPoints: [here('assets/css/app.css')], bundle: true, write: false });
  const css = await transform(purged.css + own.outputFiles[0].text, { loader: 'css', minify: true, target, legalComments: 'none' });
  await writeFile(out('app.css'), css.code);
}

async function scripts() {
  await build({
    entryPoints: { app: here('assets/js/app.js'), charts: here('assets/js/charts.js') },
    outdir: here('static'),
    bundle: true,
    minify: true,
    format: 'iife',
    target,
    legalComments: 'none',
  });
}

/** One symbol for each line of icons.json: our name, Tabler's name. */
async function icons() {
  const names = JSON.parse(await readFile(here('assets/icons.json'), 'utf8'));
  const symbols = await Promise.all(
    Object.entries(names).map(async ([name, source]) => {
      const svg = await readFile(here(`node_modules/@tabler/icons/icons/outline/${source}.svg`), 'utf8');
      const shapes = svg
        .replace(/<!--[\s\S]*?-->/g, '')
        .replace(/^[\s\S]*?<svg[^>]*>/, '')
        .replace(/<\/svg>\s*$/, '')
        .replace(/\s*\n\s*/g, '');
      return `<symbol id="i-${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
    }),
  );
  await writeFile(out('icons.svg'), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('\n')}</svg>\n`);
}

async function empty() {
  await mkdir(here('static'), { recursive: true });
  for (const name of await readdir(here('static'))) {
    if (name !== '.placeholder') await rm(out(name), { recursive: true });
  }
}

await empty();
await Promise.all([styles(), scripts(), icons(), writeFile(out('favicon.svg'), await readFile(here('assets/favicon.svg')))]);
for (const name of (await readdir(here('static'))).sort()) {
  const size = (await readFile(out(name))).length;
  if (name !== '.placeholder') console.log(`${String(Math.ceil(size / 1024)).padStart(6)} kB  static/${name}`);
}
