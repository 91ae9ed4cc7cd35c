// Submissions beside the form that shows them: the form may be of another version, and old forms name things otherwise.

const childrenNamed = (parent: Element, name: string): Element[] => [...parent.children].filter(({ localName }) => localName === name);
const elementsOf = (document: Document, name: string): Element[] =>
  childrenNamed(document.documentElement, 'meta').flatMap((meta) => childrenNamed(meta, name));
const textOf = (elements: readonly Element[]): string => elements.map((each) => each.textContent?.trim() ?? '').find(Boolean) ?? '';
const isBroken = (document: Document): boolean => document.getElementsByTagName('parsererror').length > 0;

/** The root of a form's own instance. */
export function shapeOf(form: Document): Element | null {
  return form.getElementsByTagNameNS('http://www.w3.org/2002/xforms', 'instance')[0]?.firstElementChild ?? null;
}

/** The same element under the name that the form has for it, in its place. */
function renamed(element: Element, as: Element): Element {
  if (element.nodeName === as.nodeName) return element;
  const document = element.ownerDocument;
  // Without a prefix it stands in whatever namespace the submission's own names stand in.
  const space = as.prefix ? as.namespaceURI : document.documentElement.prefix ? null : document.documentElement.namespaceURI;
  const next = document.createElementNS(space, as.nodeName);
  for (const { name, namespaceURI, value } of [...element.attributes]) {
    if (name === 'xmlns' || name === `xmlns:${as.prefix}`) continue;
    next.setAttributeNS(namespaceURI, name, value);
  }
  next.append(...element.childNodes);
  element.replaceWith(next);
  return next;
}

/**
 * A submission so that the engine finds its answers in this form: it looks for them by whole paths, prefixes included, and
 * leaves out what is elsewhere. So the root and meta get the form's names for them, and the form's version.
 */
export function fitted(shape: Element | null, xml: string): string {
  const document = new DOMParser().parseFromString(xml, 'text/xml');
  if (!shape || isBroken(document)) return xml;
  const [formMeta] = childrenNamed(shape, 'meta');
  const [first, ...others] = childrenNamed(document.documentElement, 'meta');
  if (formMeta && first) {
    const meta = renamed(first, formMeta);
    for (const other of others) {
      for (const each of [...other.children]) if (!textOf(childrenNamed(meta, each.localName))) meta.append(each);
      other.remove();
    }
    for (const each of [...meta.children]) {
      const [named] = childrenNamed(formMeta, each.localName);
      if (named) renamed(each, named);
    }
  }
  const root = renamed(document.documentElement, shape);
  const version = shape.getAttribute('version');
  if (version !== null) root.setAttribute('version', version);
  return new XMLSerializer().serializeToString(document);
}

/**
 * Gives a submission its identity where its form forgot to ask for one, or would keep that of the version which is edited.
 * `older` is the instanceID of that version; an edit that names another one by itself keeps it.
 */
export function withIdentity(xml: string, own: string, older: string | null): string {
  const document = new DOMParser().parseFromString(xml, 'text/xml');
  if (isBroken(document)) return xml;
  const instance = textOf(elementsOf(document, 'instanceID'));
  const deprecated = textOf(elementsOf(document, 'deprecatedID'));
  const edited = older === null ? '' : deprecated || older;
  const isNew = instance !== '' && instance !== edited && instance !== older;
  if (isNew && deprecated === edited) return xml;
  const put = (name: string, text: string): void => {
    const [kept, ...others] = elementsOf(document, name);
    for (const other of others) other.remove();
    const [meta] = childrenNamed(document.documentElement, 'meta');
    const parent = kept?.parentElement ?? meta ??
      document.documentElement.appendChild(document.createElementNS('http://openrosa.org/xforms', 'orx:meta'));
    const element = kept ?? parent.appendChild(document.createElementNS(parent.namespaceURI, parent.prefix ? `${parent.prefix}:${name}` : name));
    element.textContent = text;
  };
  if (!isNew) put('instanceID', own);
  if (edited && deprecated !== edited) put('deprecatedID', edited);
  return new XMLSerializer().serializeToString(document);
}
