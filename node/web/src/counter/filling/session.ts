// One filling of one form: from the key in the address to a root to show, a draft that is kept, and what was handed in.
import type { RootNode } from '@getodk/xforms-engine';
import { shallowReactive, shallowRef, watch } from 'vue';
import { dossiers, drafts as draftApi } from '../../shared/api';
import type { Answer, Dossier, Draft, DraftPut, Submitted } from '../../shared/api/types';
import { language, t } from '../../shared/i18n';
import { splitKey } from '../lib/formKey';
import { randomHex } from '../lib/random';
import { answersMissing, cleanXml, parseXml, repairedXml, sameAnswers } from '../../shared/lib/xmlText';
import { isCode, Told } from '../../shared/state/failure';
import { may } from '../../shared/state/session';
import type { Unreadable } from './context';
import {
  begin, edit, editAgain, instanceName, mayBeFilledIn, openForm, restore, UnsupportedForm, warnings,
} from './engine';
import { withIdentity } from './fitting';
import { DraftKeeper } from './keeper';
import { paperAsked, questionsIn, uploadsIn } from './tree';

const LABEL_LETTERS = 120;

export interface FillRequest { key: string; draft: string | null; editOf: string | null }
/** The place after the last question. */
export const REVIEW = '/';

export interface FillProblem { nodeId: string; label: string; message: string }

/** A draft that is on the box, whole as it was kept, and that the form engine cannot take up again. */
export class UnopenedDraft extends Error {
  constructor(readonly draft: Draft, why: string) {
    super(why);
  }
}

export class Filling {
  readonly root = shallowRef<RootNode | null>(null);
  readonly title = shallowRef('');
  readonly showAll = shallowRef(false);
  readonly unreadable = shallowReactive(new Map<string, Unreadable>());
  /** What the form asks for and does not get here. */
  readonly warnings = shallowRef<string[]>([]);
  /** Files a restored draft named but the box no longer has. */
  readonly lostFiles = shallowRef<string[]>([]);
  readonly keeper: DraftKeeper;
  readonly isEdit: boolean;
  /** For a form that gives its submissions none; the same at every try to send. */
  private readonly identity = `uuid:${crypto.randomUUID()}`;
  private older: string | null = null;
  /** The reference of the question somebody is at, or REVIEW; empty for the first. A draft and a turned screen open there. */
  at = '';
  /** What the commune asked for, of a dossier that needs papers. */
  readonly asked = shallowRef<Answer | null>(null);
  private stopWatching: () => void = () => undefined;

  constructor(private readonly request: FillRequest) {
    this.keeper = new DraftKeeper(request.draft ?? randomHex(16));
    this.isEdit = request.editOf !== null;
  }

  /** Throws UnsupportedForm when the engine cannot show it, ApiError when the box says no. */
  async open(): Promise<void> {
    const form = await openForm(this.request.key);
    this.title.value = form.title;
    mayBeFilledIn(form);
    this.warnings.value = warnings(form);
    let root: RootNode;
    if (this.request.draft) {
      const draft = await draftApi.read(this.request.draft);
      const own = await this.draftFiles(draft);
      const dossier = this.request.editOf ? await this.readDossier(this.request.editOf) : null;
      const inherited = dossier ? await this.dossierFiles(dossier) : [];
      const files = [...inherited.filter(({ name }) => !draft.files.includes(name)), ...own];
      root = await this.takenUp(draft, () => {
        const xml = repairedXml(draft.xml);
        if (xml === null) throw new UnsupportedForm(t('fill.draft.no_document'));
        return (this.isEdit ? editAgain : restore)(form, xml, files);
      });
      this.keeper.has(draft.files);
      this.markFilesForSending(root, new Set(draft.files));
      this.keeper.savedAt.value = draft.saved;
      this.at = draft.at ?? '';
    } else if (this.request.editOf) {
      const id = this.request.editOf;
      const dossier = await this.readDossier(id);
      const xml = repairedXml(await dossiers.xml(id));
      if (xml === null) throw new Told(t('fill.edit.no_document'));
      root = await edit(form, xml, await this.dossierFiles(dossier));
    } else root = await begin(form);
    if (!this.at && this.asked.value) this.at = paperAsked(root);
    this.preferLanguage(root);
    this.root.value = root;
    this.watchDraft(root);
  }

  private async readDossier(id: string): Promise<Dossier> {
    const dossier = await dossiers.read(id);
    this.older = dossier.instanceID;
    if (dossier.state === 'needs-papers') this.asked.value = [...dossier.answers].reverse().find((answer) => answer.state === 'needs-papers') ?? null;
    return dossier;
  }

  /** Somebody went to this question: a draft that is on the box opens there again. */
  moveTo(reference: string, atOnce = true): void {
    if (reference === this.at) return;
    this.at = reference;
    if (atOnce && this.root.value && this.keeper.savedAt.value) this.keep(this.root.value);
  }

  private async takenUp(draft: Draft, open: () => Promise<RootNode>): Promise<RootNode> {
    try {
      return await open();
    } catch (error) {
      if (error instanceof UnsupportedForm) throw new UnopenedDraft(draft, error.message);
      throw error;
    }
  }

  /**
   * The draft as it would stand at this moment; null when it would be no document. Values come from calculations, defaults and
   * data files too, so the whole is cleaned, whatever a question's own box did.
   */
  private body(root: RootNode): DraftPut | null {
    const xml = cleanXml(root.instanceState.instanceXML);
    const document = parseXml(xml);
    if (!document) return null;
    const { form, version } = splitKey(this.request.key);
    const label = [...instanceName(document)].slice(0, LABEL_LETTERS).join(''); // by letters: half of one is no text
    return { form, version, label, xml, at: this.at, ...(this.request.editOf ? { edit_of: this.request.editOf } : {}) };
  }

  private keep(root: RootNode): void {
    const body = this.body(root);
    if (body) this.keeper.note(body);
    else this.keeper.cannotKeep();
  }

  private watchDraft(root: RootNode): void {
    const stopDraft = watch(() => root.instanceState.instanceXML, () => this.keep(root));
    const stopLanguage = watch(language, () => this.preferLanguage(root));
    this.stopWatching = () => {
      stopDraft();
      stopLanguage();
    };
  }

  /** What was handed in with a dossier, as far as it is on this box. */
  private async dossierFiles(dossier: Dossier): Promise<File[]> {
    const files: File[] = [];
    for (const attachment of dossier.attachments) {
      if (attachment.have && attachment.current !== false) files.push(new File([await dossiers.file(attachment.url)], attachment.name, { type: attachment.type }));
    }
    return files;
  }

  private async draftFiles(draft: Draft): Promise<File[]> {
    const files: File[] = [];
    const lost: string[] = [];
    for (const name of draft.files) {
      try {
        const blob = await draftApi.file(draft.draft, name);
        files.push(new File([blob], name, { type: typeOf(name) }));
      } catch {
        lost.push(name);
      }
    }
    this.lostFiles.value = lost;
    return files;
  }

  // A restored attachment is not "dirty", and the engine leaves what is not dirty out of the payload without a word.
  // Those an edit inherits stay as they are: the box has them.
  private markFilesForSending(root: RootNode, own: ReadonlySet<string>): void {
    for (const upload of uploadsIn(root)) {
      const file = upload.currentState.value;
      if (file && own.has(file.name)) upload.setValue(file);
      else if (file) continue;
      else if (upload.currentState.instanceValue !== '') this.lostFiles.value = [...new Set([...this.lostFiles.value, upload.currentState.instanceValue])];
    }
  }

  /** A form speaks the language of the page when it can. */
  private preferLanguage(root: RootNode): void {
    const names = { vi: /\bvi\b|tiếng việt|vietnam/i, en: /\ben\b|english/i }[language.value];
    const wanted = root.languages.find((each) => names.test(each.language));
    if (wanted && !wanted.isSyntheticDefault && root.currentState.activeLanguage.language !== wanted.language) root.setLanguage(wanted);
  }

  problems(): FillProblem[] {
    const root = this.root.value;
    if (!root) return [];
    return questionsIn(root).flatMap((node) => {
      const violation = node.validationState.violation;
      const message = this.unreadable.get(node.nodeId)?.message ??
        (violation ? violation.message?.asString || t(violation.condition === 'required' ? 'fill.required' : 'fill.wrong') : '');
      const label = node.currentState.label?.asString ?? node.currentState.hint?.asString ?? '';
      return message ? [{ nodeId: node.nodeId, label, message }] : [];
    });
  }

  /**
   * Hands the form in. The draft goes away in the same commit on the box, so that a power cut leaves one of the two. What is no
   * document, or lacks an answer, is not sent; what reads back otherwise than it was sent becomes a draft again.
   */
  async send(): Promise<Submitted> {
    const root = this.root.value!;
    await this.keeper.flush();
    const payload = await root.prepareInstancePayload({ payloadType: 'monolithic' });
    const [data] = payload.data;
    const body = new FormData();
    const xml = withIdentity(cleanXml(await data.get('xml_submission_file').text()), this.identity, this.older);
    const sent = parseXml(xml);
    if (!sent || answersMissing(sent, answersOf(root)).length > 0) throw new Told(t('fill.send.no_document'));
    body.append('xml_submission_file', new File([xml], 'xml_submission_file.xml', { type: 'text/xml' }));
    for (const [name, file] of data.entries()) {
      if (name !== 'xml_submission_file' && !(this.isEdit && !this.isNew(root, name))) body.append(name, file, name);
    }
    body.append('draft', this.keeper.draft);
    const done = this.request.editOf ? await dossiers.edit(this.request.editOf, body) : await dossiers.submit(body);
    if (!(await this.readsBack(done, sent))) {
      this.draftAgain(root, body);
      throw new Told(t('fill.send.reads_otherwise'));
    }
    this.keeper.close();
    this.stopWatching();
    return done;
  }

  /** Whether the dossier has the answers that were sent. Who may not read it, or cannot now, has the box's word for it alone. */
  private async readsBack({ id, domain, erased }: Submitted, sent: Document): Promise<boolean> {
    if (!may(domain) || erased) return true; // what edits an erased dossier is kept apart
    const isThis = async (version?: string): Promise<boolean> => {
      const document = parseXml(await dossiers.xml(id, version));
      return document !== null && sameAnswers(document, sent);
    };
    try {
      if (await isThis()) return true;
      // Somebody else has edited it too: ours is one of its versions.
      for (const { ref } of (await dossiers.read(id)).versions) if (await isThis(ref)) return true;
      return false;
    } catch (error) {
      return !isCode(error, 'not_found'); // away, or locked this moment: what the box answered still stands
    }
  }

  /** The box has let the draft go; the answers and files are still here. */
  private draftAgain(root: RootNode, sent: FormData): void {
    this.keep(root);
    for (const [name, file] of sent.entries()) if (name !== 'xml_submission_file' && file instanceof File) this.keeper.keepFile(file);
  }

  /** An edit inherits the files it still names: only those that were chosen now are sent again. */
  private isNew(root: RootNode, name: string): boolean {
    return uploadsIn(root).some((upload) => upload.currentState.instanceValue === name && upload.currentState.attachmentState.dirty);
  }

  /** The page goes away: what was typed last is still written. */
  leave(): void {
    this.stopWatching();
    this.keeper.lastWord();
    void this.keeper.flush().then(() => undefined);
  }
}

/** What a person, or a calculation behind a shown question, has answered. */
const answersOf = (root: RootNode): string[] => questionsIn(root).map((node) => node.currentState.instanceValue);

function typeOf(name: string): string {
  const ending = name.split('.').pop()?.toLowerCase() ?? '';
  const types: Record<string, string> = { jpg: 'image/jpeg', jpeg: 'image/jpeg', png: 'image/png', webp: 'image/webp', gif: 'image/gif' };
  return types[ending] ?? 'application/octet-stream';
}

export { UnsupportedForm };
