// What a form's answers already tell a slip, by the names of the product's forms (node/forms): a choice "goc" says that an
// original is there, ai_giu who holds it, ngay_hen when to come back. Other forms leave the lines to a person's hand.
import { dossiers } from '../../shared/api';
import type { Dossier } from '../../shared/api/types';
import { t } from '../../shared/i18n';
import type { SlipFacts } from '../state/slip';
import { answerLines, type AnswerLine } from './answers';
import { openForm, restore } from './engine';

export function slipFrom(lines: readonly AnswerLine[]): Pick<SlipFacts, 'originals' | 'keeper' | 'comeBack'> {
  const first = (name: RegExp): string => lines.find((line) => line.answer && name.test(line.path))?.answer ?? '';
  const originals = lines.filter((line) => line.raw === 'goc').map((line) => line.label).join(', ');
  // "None" is said only where the form asks for them; else a pen fills the line in.
  const none = lines.some((line) => line.original) ? t('slip.none') : '';
  return { originals: originals || none, keeper: first(/\/ai_giu$/), comeBack: first(/\/ngay_hen$/) };
}

/** The same of a dossier that is on the box. */
export async function readSlip(dossier: Dossier): Promise<Pick<SlipFacts, 'originals' | 'keeper' | 'comeBack'>> {
  const form = await openForm(dossier.form.key);
  return slipFrom(answerLines(await restore(form, await dossiers.xml(dossier.id), []), t('repeat.item')));
}
