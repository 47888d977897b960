import type { AnswerPlan } from './answer-plan.ts';

export interface AnswerNetwork {
  /** The one UDP port of this node. */
  readonly udpPort: number;
  /** Further addresses under which viewers reach that port. */
  readonly publicHosts: readonly string[];
}

/** Priority of a host candidate below the real ones: type preference 126, local preference 1 (RFC 8445 section 5.1.2). */
const PUBLIC_HOST_PRIORITY = 126 * 2 ** 24 + 1 * 2 ** 8 + 255;
const STRIPPED = /^a=(?:rtcp-fb:\S+ (?:goog-remb|transport-cc)|rtcp-rsize|extmap-allow-mixed)/;

/**
 * The library's answer as a browser should see it: one payload type in the section that carries the camera, its real
 * profile, `sendonly`, all candidates inside, the addresses that configuration adds.
 */
export function finishAnswer(answerSdp: string, plan: AnswerPlan, network: AnswerNetwork): string {
  const lines = answerSdp.split(/\r?\n/).filter((line) => line !== '' && !STRIPPED.test(line));
  const out: string[] = [];
  let inPlanned = false;
  let wroteExtension = false;
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('m=')) {
      inPlanned = midOf(lines, index) === plan.mid;
      wroteExtension = false;
    }
    if (inPlanned && line.startsWith('a=fmtp:')) {
      out.push(`a=fmtp:${plan.payloadType} ${plan.fmtp}`);
      continue;
    }
    out.push(line);
    if (inPlanned && line.startsWith('a=mid:') && plan.playoutDelayId !== undefined && !wroteExtension) {
      wroteExtension = true;
      out.push(`a=extmap:${plan.playoutDelayId} http://www.webrtc.org/experiments/rtp-hdrext/playout-delay`);
    }
  }
  return `${withPublicHosts(out, network).join('\r\n')}\r\n`;
}

function midOf(lines: readonly string[], from: number): string | undefined {
  for (let i = from + 1; i < lines.length; i += 1) {
    const line = lines[i];
    if (line === undefined || line.startsWith('m=')) return undefined;
    if (line.startsWith('a=mid:')) return line.slice('a=mid:'.length);
  }
  return undefined;
}

function withPublicHosts(lines: readonly string[], network: AnswerNetwork): string[] {
  if (network.publicHosts.length === 0) return [...lines];
  const extra = network.publicHosts.map(
    (host, index) =>
      `a=candidate:p${index} 1 UDP ${PUBLIC_HOST_PRIORITY - index} ${host} ${network.udpPort} typ host`,
  );
  const last = lines.findLastIndex((line) => line.startsWith('a=candidate:'));
  const at = last >= 0 ? last + 1 : lines.length;
  return [...lines.slice(0, at), ...extra, ...lines.slice(at)];
}
