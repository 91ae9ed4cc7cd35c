// ODK's own engine under Node: what a browser, and so a hamlet, makes of a form.
//
// The engine is published for browsers. It wants a DOM, which jsdom gives (the engine's own tests use it too), and its
// WebAssembly loader takes a path that was left unfinished whenever it sees Node's `process`; hiding that while the
// module loads is enough.
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('');
globalThis.window = window;
for (const name of ['document', 'DOMParser', 'XMLSerializer', 'Node', 'Document', 'XMLDocument', 'Element', 'Attr',
  'Text', 'Comment', 'CDATASection', 'ProcessingInstruction']) {
  globalThis[name] ??= window[name];
}
const { process } = globalThis;
globalThis.process = undefined;
const { loadForm } = await import('@getodk/xforms-engine');
globalThis.process = process;
const { asTheEngineTakesIt } = await import('../../node/web/src/counter/filling/resources.ts');

/** Never rejects: look at `status`. Media that a form names are taken for empty. */
export const load = (xml) =>
  loadForm(xml, {
    fetchFormAttachment: async () => new Response('', { status: 404 }),
    missingResourceBehavior: 'BLANK',
  });

/** As the pages load it: `files` are those beside the form, by name; gives the names that were missing, too. */
export async function loadWith(xml, files) {
  const missing = [];
  const form = await loadForm(xml, {
    fetchFormAttachment: async (url) => {
      const name = decodeURIComponent(url.href.split('/').pop());
      const found = name in files ? await asTheEngineTakesIt(name, new Response(files[name])) : null;
      if (!found) missing.push(name);
      return found ?? new Response('', { status: 404 });
    },
    missingResourceBehavior: 'BLANK',
  });
  return { form, missing };
}

/** Keeps the names of files as they are; the pages choose their own. */
const config = { instanceAttachments: { fileNameFactory: (meta) => meta.basename + (meta.extension ?? '') } };

export const create = (form) => form.createInstance(config).root;

/** A submission as it was handed in, with an empty file for each name in `files`. */
export async function restore(form, xml, files = []) {
  const data = new FormData();
  data.set('xml_submission_file', new File([xml], 'xml_submission_file', { type: 'text/xml' }));
  for (const name of files) data.set(name, new File(['\xff\xd8'], name, { type: 'image/jpeg' }));
  return (await form.restoreInstance({ data: [data] }, config)).root;
}

/** Every node below `root` that applies, in the order of the form; ranges of repeats and their instances too. */
export function* nodes(root) {
  for (const node of root.currentState.children ?? []) {
    if (!node.currentState.relevant) continue;
    yield node;
    yield* nodes(node);
  }
}

/** The first node with that path ("/data/tre/ho_ten", "/data/ban[2]/nguoi") that applies, or undefined. */
export function find(root, path) {
  for (const node of nodes(root)) if (node.currentState.reference === path) return node;
  return undefined;
}

/** What a person would be told is wrong: [{path, condition, message}]. */
export function violations(root) {
  const out = [];
  for (const node of nodes(root)) {
    const violation = node.validationState.violation;
    if (violation) {
      out.push({ path: node.currentState.reference, condition: violation.condition, message: violation.message?.asString ?? null });
    }
  }
  return out;
}

/** Answers one question with text as it stands in a submission; a choice of several has spaces between. */
export function answer(node, text) {
  switch (node.nodeType) {
    case 'select':
      return node.selectValues(text.split(' ').filter(Boolean));
    case 'upload':
      return node.setValue(text === '' ? null : new File(['\xff\xd8'], text, { type: 'image/jpeg' }));
    case 'input':
      return node.setValue(text);
    default:
      throw new Error(`${node.currentState.reference} is a ${node.nodeType}, which nobody answers`);
  }
}
