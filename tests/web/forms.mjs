// npm run forms: opens the program's own forms, and ODK's public ones, with the engine that browsers run.
//
// Every product form opens without a warning, in both languages; every filled example of tests/data/product comes back
// from the engine as it was and breaks no rule; and each rule that a clerk relies on is broken once on purpose, to see
// that the engine says so in both languages. Exit code 0 when all holds; the last line is "N passed, N failed".
import fs from 'node:fs';
import path from 'node:path';
import { answer, create, find, load, nodes, restore, violations } from './engine.mjs';
import { broken } from './forms_broken.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const text = (...name) => fs.readFileSync(path.join(root, ...name), 'utf8');
const names = (folder, ending) =>
  fs.readdirSync(path.join(root, folder)).filter((name) => name.endsWith(ending)).sort();

let passed = 0;
let failed = 0;
function check(what, faults) {
  if (faults.length === 0) {
    passed += 1;
    return;
  }
  failed += 1;
  console.log(`FAILED ${what}`);
  for (const fault of faults) console.log(`       ${fault}`);
}

/** Runs `body`, which gives a list of faults; what it throws is one. */
async function test(what, body) {
  try {
    check(what, await body());
  } catch (error) {
    check(what, [error.stack ?? String(error)]);
  }
}

const told = (found) => found.map((one) => `${one.path}: ${one.condition}: ${one.message}`);
const languageNames = (instance) => instance.languages.map((one) => one.language).join(', ');

/** Every question, group, note and choice has words in the language in force. */
function wordless(instance) {
  const out = [];
  for (const node of nodes(instance)) {
    const { reference, label, valueOptions } = node.currentState;
    const silent = ['model-value', 'subtree', 'repeat-instance'].includes(node.nodeType) || reference === '/data/meta';
    if (silent) continue;
    if (!label?.asString.trim()) out.push(`${reference} (${node.nodeType}) has no label`);
    for (const option of valueOptions ?? []) {
      if (!option.label?.asString.trim()) out.push(`${reference}: the choice ${option.value} has no label`);
    }
  }
  return out;
}

function emptyForm(form) {
  const out = [];
  const instance = create(form);
  if (languageNames(instance) !== 'Tiếng Việt (vi), English (en)') out.push(`its languages are ${languageNames(instance)}`);
  for (const language of instance.languages) {
    instance.setLanguage(language);
    out.push(...wordless(instance));
    for (const one of violations(instance)) {
      if (one.condition !== 'required') out.push(`empty, it already breaks ${one.path}: ${one.message}`);
      if (!one.message) out.push(`${one.path} says nothing when it is empty`);
    }
  }
  const questions = [...nodes(instance)].filter((node) => ['input', 'select', 'upload', 'trigger'].includes(node.nodeType));
  if (questions.length > 30) out.push(`it shows ${questions.length} questions before anything is answered`);
  return out;
}

const files = (xml) => [...xml.matchAll(/>([^<>]+\.jpg)</g)].map((match) => match[1]);

async function example(form, xml) {
  const instance = await restore(form, xml, files(xml));
  const out = told(violations(instance));
  const again = instance.instanceState.instanceXML;
  if (again !== xml) out.push(`the engine writes it otherwise:\n${again}`);
  return out;
}

/** An answer that is missing is asked for at its own place; no other question blames itself for it. */
async function clearEach(form, xml) {
  const out = [];
  const instance = await restore(form, xml, files(xml));
  for (const { nodeType, currentState } of nodes(instance)) {
    if (nodeType !== 'input' && nodeType !== 'select') continue;
    const fresh = await restore(form, xml, files(xml));
    answer(find(fresh, currentState.reference), '');
    for (const one of violations(fresh)) {
      if (one.condition === 'constraint') out.push(`without ${currentState.reference}, ${one.path}: ${one.message}`);
    }
  }
  return out;
}

const day = (offset) => {
  const date = new Date(Date.now() + offset * 86_400_000);
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;
};

/** Answers as told in an example, then looks whether exactly that path is refused, with words in each language. */
async function breakOnPurpose(form, xml, { set, refused }) {
  const out = [];
  const instance = await restore(form, xml, files(xml));
  for (const [where, value] of Object.entries(set)) {
    const node = find(instance, where);
    if (!node) return [`${where} is not asked there`];
    answer(node, value.replace(/^today([+-]\d+)?$/, (_, offset) => day(Number(offset ?? 0))));
  }
  const messages = new Set();
  for (const language of instance.languages) {
    instance.setLanguage(language);
    const found = violations(instance).filter((one) => one.path === refused);
    if (found.length !== 1) out.push(`${refused} was taken (${told(violations(instance)).join('; ') || 'nothing was refused'})`);
    for (const one of found) messages.add(one.message ?? '');
  }
  if (out.length === 0 && (messages.size !== instance.languages.length || messages.has(''))) {
    out.push(`its messages are ${JSON.stringify([...messages])}`);
  }
  return out;
}

/** Answers as told, then looks which notes show. */
async function notes(form, xml, { set = {}, shown, hidden }) {
  const instance = await restore(form, xml, files(xml));
  for (const [where, value] of Object.entries(set)) {
    answer(find(instance, where), value.replace(/^today([+-]\d+)?$/, (_, offset) => day(Number(offset ?? 0))));
  }
  const out = [];
  if (shown && !find(instance, shown)) out.push(`${shown} does not show`);
  if (hidden && find(instance, hidden)) out.push(`${hidden} shows`);
  return out;
}

// ---- the product's forms ---------------------------------------------------------------------------------------------

const exampleNames = names('tests/data/product', '.xml');
for (const name of names('node/forms', '.xml')) {
  const id = path.basename(name, '.xml');
  const form = await load(text('node/forms', name));
  await test(`${id}: opens without a warning`, () =>
    form.status === 'success' ? [] : [`${form.status}: ${form.error?.message ?? JSON.stringify(form.warnings)}`]);
  if (form.status === 'failure') continue;
  await test(`${id}: everything in it has words in both languages`, () => emptyForm(form));
  for (const one of exampleNames.filter((file) => file.startsWith(`${id}-`))) {
    await test(`${one}: breaks no rule and comes back as it was`, () => example(form, text('tests/data/product', one)));
    await test(`${one}: what is missing is asked for at its own place`, () => clearEach(form, text('tests/data/product', one)));
  }
  for (const one of broken[id] ?? []) {
    const xml = text('tests/data/product', `${id}-${one.example}.xml`);
    const how = Object.entries(one.set ?? {}).map(([where, value]) => `${path.basename(where)} = ${value}`).join(', ');
    if (one.refused) {
      await test(`${id}: ${how} is refused at ${one.refused}`, () => breakOnPurpose(form, xml, one));
    } else {
      const what = one.shown ? `${one.shown} shows` : `${one.hidden} stays hidden`;
      await test(`${id}: with ${how || 'the example'} ${what}`, () => notes(form, xml, one));
    }
  }
  await test(`${id}: rules of it are broken on purpose`, () => (broken[id]?.length ? [] : ['none is']));
}

// ---- ODK's public forms ----------------------------------------------------------------------------------------------

let opened = 0;
for (const line of text('tests/data/public/manifest.tsv').trim().split('\n').slice(1)) {
  const [name, outcome] = line.split('\t');
  await test(`public ${name}: ${outcome}`, async () => {
    let message = null;
    const form = await load(text('tests/data/public', name));
    if (form.status === 'failure') {
      message = form.error.message;
    } else {
      try {
        create(form);
      } catch (error) {
        message = error.message || error.constructor.name;
      }
    }
    if (outcome === 'opens') opened += 1;
    return (message === null) === (outcome === 'opens') ? [] : [message ?? 'it opens now'];
  });
}
check('44 public forms open', opened === 44 ? [] : [`${opened} do`]);

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
