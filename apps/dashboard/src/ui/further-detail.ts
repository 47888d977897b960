import type { ReasonCode } from '@vedette/contracts';
import { REASON_TEXT } from '@vedette/contracts/reason-text';

/** The camera's or network's own words, where they say more than the reason's sentence does. */
export function furtherDetail(reason: ReasonCode, detail: string | null): string | undefined {
  const bare = (text: string) => text.trim().replace(/[.!]$/, '').toLowerCase();
  if (detail === null || bare(detail) === '' || bare(REASON_TEXT[reason]).includes(bare(detail)))
    return undefined;
  return detail;
}
