// What a form's answers already tell a slip, by the names of the product's forms (node/forms): a choice "goc" says that an
// original is there, ai_giu who holds it, ngay_hen when to come back. Other forms leave the lines to a person's hand.
import type { SlipFacts } from '../state/slip';
import type { AnswerLine } from './answers';

export function slipFrom(lines: readonly AnswerLine[]): Pick<SlipFacts, 'originals' | 'keeper' | 'comeBack'> {
  const first = (name: RegExp): string => lines.find((line) => line.answer && name.test(line.path))?.answer ?? '';
  const originals = lines.filter((line) => line.raw === 'goc').map((line) => line.label).join(', ');
  return { originals, keeper: first(/\/ai_giu$/), comeBack: first(/\/ngay_hen$/) };
}
