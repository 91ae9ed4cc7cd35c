// Why a form cannot be shown, in the words of people. The engine's own sentence stays behind it: whoever made the form needs it.
import { t, type Key } from '../../shared/i18n';

/** What the engine says, and what that means; the first group of the pattern is what is named. */
const REASONS: readonly (readonly [says: RegExp, means: Key])[] = [
  [/Multiple body elements for reference: (\S+)/, 'reason.twice'],
  [/Unknown function(?: library for namespace)? ([^\s,]+)/, 'reason.function'],
  [/unsupported events: (.+)/, 'reason.event'],
  [/"setvalue" element with "(odk-new-repeat)" event/, 'reason.new_repeat'],
  [/Expected attribute (\S+) (?:to be defined with numeric string|is not defined)/, 'reason.attribute'],
  [/dependency cycle/, 'fill.cannot.circle'],
  [/Failed to evaluate node for expression \.\/(?:\w+:)?(\S+)/, 'reason.part'],
  [/(?:No definition for nodeset:|Unexpected body element for nodeset|Missing root node bind definition)\s*(\S*)/, 'reason.nowhere'],
  [/(has both <itemset> and <item>)/, 'reason.two_lists'],
  [/Failed to (?:load|parse CSV) (?:\w+:\/\/)?(?:\w+\/)*([^\s/:]+)/, 'reason.list'],
  [/Unsupported (?:mediatype|trigger value type): (\S+)/, 'reason.kind'],
  [/Invalid (repeat|select element|secondary instance element|root node)/, 'reason.incomplete'],
  [/(Source text is not XML|Invalid form resource|Failed to resolve prefix)/, 'reason.broken'],
  [/(syntax|Unreachable value|Failed to parse)/i, 'reason.sum'],
];

const ANYTHING = '\u0001';
/** Sentences that this page itself gives for a reason: they need no other. */
function isOwn(says: string): boolean {
  return (['fill.cannot.circle', 'fill.cannot.search'] as const).some((key) => {
    const parts = t(key, { question: ANYTHING, file: ANYTHING }).split(ANYTHING);
    return says.startsWith(parts[0]!) && says.endsWith(parts[parts.length - 1]!);
  });
}

/** A sentence in the language of the page; the general one for what is not known. */
export function reasonOf(says: string): string {
  if (isOwn(says)) return says;
  for (const [pattern, means] of REASONS) {
    const found = pattern.exec(says);
    if (found) return t(means, { what: found[1] ?? '' });
  }
  return t('reason.other');
}
