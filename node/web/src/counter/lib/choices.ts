// What a choice of a form is called, without the form engine: the label that stands beside its value.
const XFORMS = 'http://www.w3.org/2002/xforms';

/** The label of `value` among the choices of the question whose path ends with `question`; null when there is none. */
export function choiceLabel(form: Document, question: string, value: string, language: string): string | null {
  const text = (element: Element | undefined | null): string => element?.textContent?.trim() ?? '';
  const select = [...form.getElementsByTagNameNS(XFORMS, 'select1')].find((each) => each.getAttribute('ref')?.endsWith(`/${question}`));
  const items = [...(select?.getElementsByTagNameNS(XFORMS, 'item') ?? [])];
  const item = items.find((each) => text(each.getElementsByTagNameNS(XFORMS, 'value')[0]) === value);
  const label = item?.getElementsByTagNameNS(XFORMS, 'label')[0];
  if (!label) return null;
  const id = /^jr:itext\('(.+)'\)$/.exec(label.getAttribute('ref') ?? '')?.[1];
  if (id === undefined) return text(label) || null;
  const translations = [...form.getElementsByTagNameNS(XFORMS, 'translation')];
  const spoken = translations.find((each) => each.getAttribute('lang')?.includes(`(${language})`)) ?? translations[0];
  const entry = [...(spoken?.getElementsByTagNameNS(XFORMS, 'text') ?? [])].find((each) => each.getAttribute('id') === id);
  return text(entry?.getElementsByTagNameNS(XFORMS, 'value')[0]) || null;
}
