// The door to the form engine: loading a form, beginning or restoring an instance. Only pages that show a form load this.
import {
  loadForm, type InstanceData, type InstantiableLoadFormResult, type RootNode,
} from '@getodk/xforms-engine';
import { shallowReactive } from 'vue';
import { t } from '../../shared/i18n';
import { forms } from '../../shared/api';
import { ApiError, getResponse } from '../../shared/api/client';
import { session } from '../../shared/state/session';
import { fitted, shapeOf } from './fitting';
import { formLimits, type FormLimits } from './limits';
import { asTheEngineTakesIt } from './resources';

const PROBLEM_OCTETS = 300;

/** A form that this page cannot show; the engine's own words say which construct it is. */
export class UnsupportedForm extends Error {}

/** jr://images/a.png, jr://file/b.csv: the last part is the name the form was published with. */
export function mediaName(url: { readonly href: string } | string): string {
  const last = (typeof url === 'string' ? url : url.href).split('/').pop() ?? '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

const config = {
  stateFactory: shallowReactive,
  // Names are made unique where a file is chosen; the engine would put the hour of the phone's clock into them.
  instanceAttachments: {
    fileNameFactory: ({ basename, extension }: { basename: string; extension: string | null }) => `${basename}${extension ?? ''}`,
  },
  preloadProperties: { deviceID: 'khuoi' },
};

export interface OpenedForm {
  key: string;
  result: InstantiableLoadFormResult;
  title: string;
  limits: FormLimits;
  /** Data files that are not here, or hold nothing: their lists are empty. */
  missing: string[];
  /** The root of the form's own instance. */
  shape: Element | null;
}

/** Tells the box, for its list of forms: only the engine knows. Nothing depends on it, so nobody waits or hears of a failure. */
function tellTheBox(key: string, error: UnsupportedForm): UnsupportedForm {
  const octets = new TextEncoder().encode(error.message.trim() || t('fill.cannot')).slice(0, PROBLEM_OCTETS);
  const words = new TextDecoder().decode(octets, { stream: true }); // a letter that was cut in two is left out
  if (session.value?.person) forms.cannotShow(key, words).catch(() => undefined);
  return error;
}

export async function openForm(key: string): Promise<OpenedForm> {
  const xml = await forms.xml(key);
  const document = new DOMParser().parseFromString(xml, 'text/xml');
  const missing: string[] = [];
  const result = await loadForm(xml, {
    // A medium that has not come yet must not keep people from the form.
    missingResourceBehavior: 'BLANK',
    fetchFormAttachment: async (url) => {
      const name = mediaName(url);
      try {
        const file = await asTheEngineTakesIt(name, await getResponse(forms.mediaUrl(key, name)));
        if (file) return file;
        missing.push(name);
        return new Response(null, { status: 404 });
      } catch (error) {
        const status = error instanceof ApiError && error.status !== 0 ? error.status : 404;
        missing.push(name);
        return new Response(null, { status });
      }
    },
  });
  if (result.status === 'failure') throw tellTheBox(key, new UnsupportedForm(result.error.message));
  const title = document.getElementsByTagNameNS('http://www.w3.org/1999/xhtml', 'title')[0];
  return { key, result, title: title?.textContent?.trim() ?? '', limits: formLimits(document), missing, shape: shapeOf(document) };
}

/** Answers to such a form would be stored wrong: it is not filled in here. Reading what a phone handed in goes on. */
export function mayBeFilledIn({ key, limits }: OpenedForm): void {
  const [first] = limits.searched;
  if (first) throw tellTheBox(key, new UnsupportedForm(t('fill.cannot.search', { question: first.question, file: first.file })));
}

/** What somebody should know before the first answer. */
export function warnings({ limits, missing }: OpenedForm): string[] {
  return [
    ...missing.map((name) => t('fill.missing_file', { name })),
    ...(limits.encrypted ? [t('fill.encrypted')] : []),
    ...(limits.recordsAudio ? [t('fill.records_audio')] : []),
  ];
}

function instanceData(xml: string, files: readonly File[]): InstanceData {
  const data = new FormData();
  data.append('xml_submission_file', new File([xml], 'xml_submission_file', { type: 'text/xml' }));
  for (const file of files) data.append(file.name, file, file.name);
  return data as InstanceData;
}

/** Runs what makes an instance; the engine throws for forms it only finds wanting now. */
async function instance<T extends { root: RootNode }>(make: () => T | Promise<T>): Promise<RootNode> {
  try {
    return (await make()).root;
  } catch (error) {
    // Calculations that go round in a circle end in an error without words.
    throw new UnsupportedForm((error instanceof Error ? error.message : String(error)) || t('fill.cannot.circle'));
  }
}

export async function begin(form: OpenedForm): Promise<RootNode> {
  mayBeFilledIn(form);
  const { key, result } = form;
  try {
    return await instance(() => result.createInstance(config));
  } catch (error) {
    throw error instanceof UnsupportedForm ? tellTheBox(key, error) : error;
  }
}

export const restore = ({ result, shape }: OpenedForm, xml: string, files: readonly File[]): Promise<RootNode> =>
  instance(() => result.restoreInstance({ data: [instanceData(fitted(shape, xml), files)] }, config));

/** A new version of what was handed in: a new instanceID, the old one as deprecatedID. */
export const edit = ({ result, shape }: OpenedForm, xml: string, files: readonly File[]): Promise<RootNode> =>
  instance(() => result.editInstance({ inputType: 'FORM_INSTANCE_INPUT_RESOLVED', data: [instanceData(fitted(shape, xml), files)] }, config));

/**
 * The draft of an edit. The engine keeps a deprecatedID only in what it edits itself: so the draft's own instanceID, which
 * nobody has seen yet, gives way to that of the version it replaces, and the edit begins anew with the draft's answers.
 */
export function editAgain(form: OpenedForm, draft: string, files: readonly File[]): Promise<RootNode> {
  const document = new DOMParser().parseFromString(draft, 'text/xml');
  const [older] = document.getElementsByTagNameNS('*', 'deprecatedID');
  const [own] = document.getElementsByTagNameNS('*', 'instanceID');
  if (!older?.textContent || !own) return restore(form, draft, files);
  own.textContent = older.textContent;
  older.remove();
  return edit(form, new XMLSerializer().serializeToString(document), files);
}

/** What the form's author wants the record to be called: meta/instanceName, in any namespace; empty when there is none. */
export function instanceName(document: Document): string {
  return document.getElementsByTagNameNS('*', 'instanceName')[0]?.textContent?.trim() ?? '';
}
