// What a form's answers already tell a slip. The names are those of the product's forms (node/forms); others leave the
// lines empty for a person to write.
import { t } from '../i18n';
import type { SlipFacts } from '../state/slip';
import type { AnswerLine } from './answers';

const ORIGINALS = /\/(ban_goc|giay_to_goc|ban_chinh|giay_goc)[^/]*$/;
const KEEPER = /\/(nguoi_giu|ai_giu|giu_ban_goc|noi_giu)[^/]*$/;
const COME_BACK = /\/(ngay_hen|hen_tra|hen_lai)[^/]*$/;

export function slipFrom(lines: readonly AnswerLine[]): Pick<SlipFacts, 'originals' | 'keeper' | 'comeBack'> {
  const first = (pattern: RegExp): string => lines.find((line) => line.answer && pattern.test(line.path))?.answer ?? '';
  return { originals: first(ORIGINALS) || '', keeper: first(KEEPER), comeBack: first(COME_BACK) };
}

export const orNone = (text: string): string => text.trim() || t('slip.none');
