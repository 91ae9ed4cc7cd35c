// Looks at a page as it stands: a picture at the widths of its site, and the rules that hold on every page.
import fs from 'node:fs';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { DESK, faults, LAPTOP, PAPER, patiently, PHONE, quiet } from './browser.mjs';

const root = path.resolve(import.meta.dirname, '../..');
export const screens = process.env.KHUOI_SCREENS ?? path.join(root, 'build/screens');
const TARGET_PIXELS = 44; // WCAG 2.5.5
const MOUSE_PIXELS = 36; // a row of the desk, where a mouse points; WCAG 2.5.8 asks for 24

/** The widths that each site is looked at, and how large a target is to be there. */
const SITES = {
  counter: [[PHONE, '360', TARGET_PIXELS], [DESK, '1080', TARGET_PIXELS]],
  desk: [[LAPTOP, '1366', MOUSE_PIXELS], [DESK, '1080', MOUSE_PIXELS], [PHONE, '360', TARGET_PIXELS]],
};
const ON_PAPER = [PAPER, 'paper', TARGET_PIXELS];

/** The words of a catalogue, key by key; a site may say a shared key in its own words. */
function catalogue(language) {
  const out = new Map();
  for (const file of fs.globSync(`node/web/src/*/i18n/${language}{,_*}.ts`, { cwd: root })) {
    const text = fs.readFileSync(path.join(root, file), 'utf8');
    for (const [, key, , words] of text.matchAll(/'([\w.-]+)':\s*(['"`])((?:\\.|(?!\2).)*)\2/gs)) out.set(`${path.dirname(file)} ${key}`, words);
  }
  return out;
}
const vietnamese = catalogue('vi');
const english = catalogue('en');
if (vietnamese.size < 300 || english.size !== vietnamese.size) throw new Error('the catalogues were not read');

const keys = new Set([...vietnamese.keys()].map((one) => one.split(' ')[1]));

const plainOf = (words) => words.trim().replace(/\s+/g, ' ');
const spokenInVietnamese = new Set([...vietnamese.values()].map(plainOf));
const onlyEnglish = new Set([...english.values()].map(plainOf).filter((words) => !spokenInVietnamese.has(words)));
// No Vietnamese word is written so, marks or none.
const ENGLISH = new Set(('the and of is are was were not with from for this that these your you have has had been will ' +
  'would should could failed error please file files save saved send sent received open close yes none new phone ' +
  'password form forms submit loading wait again which what when where locked denied missing invalid unknown it ' +
  'commune hamlet dossier record stick fiber read seen waiting working safe health general').split(' '));

/** Everything people read or hear: texts, and what a screen reader says instead. */
const wordsOnPage = () => {
  const out = [];
  const foreign = (element) => element.closest('[lang]:not(html)') !== null;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!foreign(parent) && !parent.closest('script, style')) out.push(walker.currentNode.textContent);
  }
  for (const element of document.querySelectorAll('[aria-label], [title], [placeholder], [alt], [aria-valuetext]')) {
    if (foreign(element)) continue;
    for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'aria-valuetext']) out.push(element.getAttribute(name) ?? '');
  }
  return [...out, document.title].map((text) => text.trim()).filter(Boolean);
};

/** What a finger is meant to hit and could miss. */
const smallTargets = (least) => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')].flatMap((element) => {
  const hit = element.closest('label.choice') ?? element;
  if (element.closest('.visually-hidden, .skip') || element.closest('dialog:not([open])')) return [];
  const box = hit.getBoundingClientRect();
  if (box.width === 0 || box.height === 0 || getComputedStyle(hit).visibility === 'hidden') return [];
  const small = box.width < least - 0.5 || box.height < least - 0.5;
  return small ? [`${hit.tagName.toLowerCase()} “${(hit.textContent || hit.getAttribute('aria-label') || hit.id).trim().slice(0, 40)}” ${Math.round(box.width)}×${Math.round(box.height)}`] : [];
});

function leftovers(texts) {
  return texts.filter((text) => {
    if (onlyEnglish.has(plainOf(text)) || keys.has(text)) return true;
    const words = text.toLowerCase().match(/[\p{L}]+/gu) ?? [];
    return words.some((word) => ENGLISH.has(word));
  });
}

/** Waits until nothing on the page changes for a moment, and not for frames that do not come: a picture brings its own. */
async function settled(page) {
  await quiet(page);
  await page.evaluate(() => document.fonts.ready.then(() => new Promise((done) => {
    setTimeout(done, 2000);
    requestAnimationFrame(() => requestAnimationFrame(done));
  })));
}

/** Parts that scroll by themselves, and never sideways. */
const sidewaysParts = () => [...document.querySelectorAll('.desk-main, .inbox-list, .inbox-dossier')]
  .filter((part) => part.scrollWidth > part.clientWidth + 1).map((part) => `${part.className}: ${part.scrollWidth} of ${part.clientWidth}`);

async function rulesAt(page, name, options, targetPixels) {
  const said = (what) => faults.push(`${name}: ${what}`);
  const { width, wanted, text } = await page.evaluate(() => ({
    width: document.documentElement.scrollWidth, wanted: document.documentElement.clientWidth, text: document.documentElement.lang,
  }));
  if (width > wanted) said(`it scrolls sideways: ${width} of ${wanted} pixels`);
  for (const one of await page.evaluate(sidewaysParts)) said(`a part scrolls sideways: ${one} pixels`);
  for (const one of await page.evaluate(smallTargets, targetPixels)) said(`a target is small: ${one}`);
  if (text !== (options.language ?? 'vi')) said(`it says that it is in the language ${text}`);
  if (!options.language && !options.anyWords) {
    for (const one of leftovers(await page.evaluate(wordsOnPage))) said(`English was left over: “${one}”`);
  }
  if (name.endsWith('paper')) return;
  const axe = await patiently(new AxeBuilder({ page }).setLegacyMode(true).analyze(), `axe to judge ${name}`);
  for (const one of axe.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')) {
    said(`axe: ${one.help} (${one.id}): ${one.nodes.map(({ target }) => target.join(' ')).slice(0, 3).join('; ')}`);
  }
}

let count = 0;
/**
 * A picture at each width of the site (at a hamlet 360 pixels and 1080p, at a desk 1366 × 768 too), and the rules there.
 * site: 'desk', else a hamlet's. anyWords: the form's own words are shown, in whatever language. only: one of the widths, or
 * 'paper'. Comes back to the width it found.
 */
export async function inspect(page, name, options = {}) {
  fs.mkdirSync(screens, { recursive: true });
  const before = page.viewportSize();
  count += 1;
  const number = String(count).padStart(2, '0');
  const widths = [...SITES[options.site ?? 'counter'], ON_PAPER];
  for (const [size, label, targetPixels] of widths) {
    if (options.only ? options.only !== label : label === 'paper') continue;
    await page.setViewportSize(size);
    await page.evaluate(() => scrollTo(0, 0));
    await settled(page);
    await page.screenshot({ path: path.join(screens, `${number}-${name}-${label}.png`), fullPage: true });
    await rulesAt(page, `${name} at ${label}`, options, targetPixels);
  }
  await page.setViewportSize(before);
  await settled(page);
}
