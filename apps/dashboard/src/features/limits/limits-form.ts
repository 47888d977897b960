// Limits as a form holds them, and as control takes them. In: limits, what was typed. Out: the request's body.
import type { Limits, QuotaGroup } from '@vedette/contracts';

/** Numbers as they are typed. */
export interface LimitsForm {
  readonly viewsPerUser: string;
  readonly viewsPerToken: string;
  readonly webrtc: string;
  readonly hls: string;
  readonly rtsp: string;
  /** Empty: no limit of its own. */
  readonly tenantViews: string;
  /** Empty: the sum of the groups. */
  readonly quotaTotal: string;
  readonly quotaGroups: readonly QuotaForm[];
}

export interface QuotaForm {
  readonly name: string;
  readonly pattern: string;
  readonly maxViews: string;
}

export function limitsFormOf(limits: Limits): LimitsForm {
  return {
    viewsPerUser: String(limits.viewsPerUser),
    viewsPerToken: String(limits.viewsPerToken),
    webrtc: String(limits.camera.webrtc),
    hls: String(limits.camera.hls),
    rtsp: String(limits.camera.rtsp),
    tenantViews: limits.tenantViews === null ? '' : String(limits.tenantViews),
    quotaTotal: limits.quotaTotal === null ? '' : String(limits.quotaTotal),
    quotaGroups: limits.quotaGroups.map(({ name, pattern, maxViews }) => ({
      name,
      pattern,
      maxViews: String(maxViews),
    })),
  };
}

export function limitsOf(form: LimitsForm): Limits {
  return {
    viewsPerUser: count(form.viewsPerUser),
    viewsPerToken: count(form.viewsPerToken),
    camera: { webrtc: count(form.webrtc), hls: count(form.hls), rtsp: count(form.rtsp) },
    tenantViews: form.tenantViews.trim() === '' ? null : count(form.tenantViews),
    quotaTotal: form.quotaTotal.trim() === '' ? null : count(form.quotaTotal),
    quotaGroups: form.quotaGroups.map(
      ({ name, pattern, maxViews }): QuotaGroup => ({
        name: name.trim(),
        pattern: pattern.trim().toLowerCase(),
        maxViews: count(maxViews),
      }),
    ),
  };
}

/** What all groups may use together when nothing else is said. */
export function quotaSum(groups: readonly QuotaForm[]): number {
  return groups.reduce((sum, { maxViews }) => sum + (Number(maxViews) || 0), 0);
}

/** Not a number where nothing was typed, which control refuses by naming the field. */
function count(typed: string): number {
  return typed.trim() === '' ? Number.NaN : Number(typed);
}
