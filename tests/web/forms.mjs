// npm run forms: opens the program's own forms, and ODK's public ones, with the engine that browsers run.
//
// Every product form opens without a warning, in both languages; every filled example of tests/data/product comes back
// from the engine as it was and breaks no rule; and each rule that a clerk relies on is broken once on purpose, to see
// that the engine says so in both languages. Exit code 0 when all holds; the last line is "N passed, N failed".
import fs from 'node:fs';
import path from 'node:path';
import { formLimits } from '../../node/web/src/counter/filling/limits.ts';
import { formKey, splitKey } from '../../node/web/src/counter/lib/formKey.ts';
import { answer, create, find, load, loadWith, nodes, restore, violations } from './engine.mjs';
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

// What only this program reads: the engine takes the form and its answers as if it were not there.
await test('marks of a follow-up are nothing to the engine', async () => {
  const marked = text('node/forms', 'kham_thai.xml')
    .replace('<bind nodeset="/data/hen/ngay_hen" ', '$&khuoi:follow-up="day" ')
    .replace('<bind nodeset="/data/hen/viec_hen" ', '$&khuoi:follow-up="what" ');
  if (marked.match(/khuoi:follow-up/g)?.length !== 2) return ['the marks found no place'];
  const form = await load(marked);
  if (form.status !== 'success') return [`${form.status}: ${form.error?.message ?? JSON.stringify(form.warnings)}`];
  return [...emptyForm(form), ...(await example(form, text('tests/data/product', 'kham_thai-1.xml')))];
});

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

// ---- data files beside a form, and what no page does -----------------------------------------------------------------

const chooser = (file) => `<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head>
<h:title>T</h:title><model><instance><data id="t" version="1"><a/><meta><instanceID/></meta></data></instance>
<instance id="x" src="jr://file/${file}"/><bind nodeset="/data/a" type="string"/></model></h:head><h:body>
<select1 ref="/data/a"><label>A</label><itemset nodeset="instance('x')/root/item"><value ref="name"/><label ref="label"/>
</itemset></select1></h:body></h:html>`;
const items = '<root><item><name>na_lay</name><label>Nà Lay</label></item></root>';
const rows = 'name,label\nna_lay,Nà Lay\n';
const utf16 = (text) => new Uint8Array([0xff, 0xfe, ...[...text].flatMap((c) => [c.charCodeAt(0) & 255, c.charCodeAt(0) >> 8])]);
const beside = {
  'x.xml': items,
  'khai_bao.xml': `<?xml version="1.0" encoding="UTF-8"?>\n${items}`,
  'bom.xml': `\ufeff<?xml version="1.0"?>${items}`,
  'dau_dong.xml': `\n<?xml version="1.0"?>\n<!-- -->\n${items}`,
  'HOA.XML': items,
  'utf16.xml': utf16(`<?xml version="1.0" encoding="UTF-16"?>${items}`),
  'la.xml': `<?xml version="1.0" encoding="khong-co"?>${items}`,
  'x.csv': rows,
  'HOA.CSV': rows,
  'bom.CSV': `\ufeff${rows}`,
};
for (const name of Object.keys(beside)) {
  await test(`the list in ${name} is offered`, async () => {
    const { form, missing } = await loadWith(chooser(name), beside);
    if (form.status === 'failure') return [form.error.message];
    const [select] = create(form).currentState.children;
    const [first] = select.currentState.valueOptions;
    return [...missing, ...(first?.value === 'na_lay' && first.label.asString === 'Nà Lay' ? [] : [JSON.stringify(first)])];
  });
}
for (const [name, files] of [['thieu.csv', {}], ['rong.csv', { 'rong.csv': '' }], ['rong.xml', { 'rong.xml': '<?xml version="1.0"?>\n ' }]]) {
  await test(`of ${name} the page says that it is missing, and the form opens`, async () => {
    const { form, missing } = await loadWith(chooser(name), files);
    if (form.status === 'failure') return [form.error.message];
    create(form);
    return missing.join() === name ? [] : [`missing: ${missing}`];
  });
}

const limits = (xml) => formLimits(new DOMParser().parseFromString(xml, 'text/xml'));
const publicForm = (name) => limits(text('tests/data/public', name));
await test('questions that take their choices with search() are named with their file', () => {
  const told = publicForm('collect--different-search-appearances.xml').searched;
  return told.length > 5 && told.every(({ question, file }) => question && file === 'fruits') ? [] : [JSON.stringify(told)];
});
await test('the appearance "search" alone is none', () => {
  const told = publicForm('webforms--select-control.xml').searched;
  return told.length === 0 ? [] : [JSON.stringify(told)];
});
await test('a form that records sound says so', () =>
  publicForm('collect--one-question-background-audio-multiple.xml').recordsAudio ? [] : ['it is not seen']);
await test('encryption is seen where there is a key, and only there', () => {
  const form = (attribute) => chooser('x.csv').replace('<bind ', `<submission ${attribute}/><bind `);
  const seen = ['base64RsaPublicKey="MIIB"', 'base64RsaPublicKey=""', 'method="post"'].map((one) => limits(form(one)).encrypted);
  return seen.join() === 'true,false,false' ? [] : [seen.join()];
});
await test('a key gives id and version back, whatever is in them', () => {
  const out = [];
  for (const [form, version] of [['a', ''], ['a~b', '1'], ['a', '1~2'], ['a~b', '~'], ['a', '5%'], ['a', '%7E'], ['http://x/y', 'v 1/2']]) {
    const back = splitKey(formKey(form, version));
    if (back.form !== form || back.version !== version) out.push(`${form} ${version}: ${JSON.stringify(back)}`);
  }
  const old = splitKey('a~5%');
  if (old.version !== '5%') out.push(`a key of before: ${JSON.stringify(old)}`);
  return out;
});
for (const name of names('node/forms', '.xml')) {
  await test(`${name} asks for nothing that no page does`, () => {
    const found = limits(text('node/forms', name));
    return found.searched.length === 0 && !found.encrypted && !found.recordsAudio ? [] : [JSON.stringify(found)];
  });
}

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
