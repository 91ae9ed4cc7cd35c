// What a form asks for that no page does: said before the first answer, since the engine opens such forms without a word.

export interface FormLimits {
  /** Questions whose choices come by search('file'): the page would offer the column's name as the only choice. */
  searched: { question: string; file: string }[];
  /** ODK's own encryption of a submission. */
  encrypted: boolean;
  /** Records sound while somebody fills it in. */
  recordsAudio: boolean;
}

const SELECTS = new Set(['select', 'select1', 'rank']);

export function formLimits(form: Document): FormLimits {
  const out: FormLimits = { searched: [], encrypted: false, recordsAudio: false };
  for (const element of Array.from(form.getElementsByTagName('*'))) {
    const name = element.localName;
    if (name === 'submission' && element.getAttribute('base64RsaPublicKey')?.trim()) out.encrypted = true;
    if (name === 'recordaudio') out.recordsAudio = true;
    const search = SELECTS.has(name) ? /search\s*\(\s*(?:'([^']*)'|"([^"]*)")?/.exec(element.getAttribute('appearance') ?? '') : null;
    if (!search) continue;
    const question = (element.getAttribute('ref') ?? element.getAttribute('bind') ?? '').split('/').pop() ?? '';
    out.searched.push({ question, file: search[1] ?? search[2] ?? '' });
  }
  return out;
}
