import type { OfferedProfile } from '@vedette/contracts';
import type { OnvifFacts, ResolvedProfile } from '../camera-record.ts';

/** One media profile as the device lists it; the codec in small letters: h264, h265, jpeg, mpeg4. */
export interface OnvifProfile extends OfferedProfile {
  readonly hasAudio: boolean;
}

const PLAYABLE = ['h264', 'h265'];

/**
 * What somebody has chosen by hand, as long as the device offers it. Otherwise main is the largest picture, sub the smallest of those that are smaller than it. What no browser
 * plays counts only where there is nothing else.
 */
export function chooseProfiles(
  profiles: readonly OnvifProfile[],
  choice?: OnvifFacts['choice'],
): readonly { readonly name: ResolvedProfile['name']; readonly profile: OnvifProfile }[] {
  const offered = (token: string | null | undefined) => profiles.find((profile) => profile.token === token);
  const chosen = offered(choice?.main);
  if (chosen !== undefined) {
    const other = offered(choice?.sub);
    return [
      { name: 'main', profile: chosen },
      ...(other === undefined ? [] : [{ name: 'sub' as const, profile: other }]),
    ];
  }
  const playable = profiles.filter((profile) => PLAYABLE.includes(profile.codec));
  const candidates = playable.length > 0 ? playable : profiles;
  // Of two of one size the device's first is the one its maker meant.
  const bySize = [...candidates].sort((a, b) => area(b) - area(a));
  const main = bySize[0];
  if (main === undefined) return [];
  const smallest = Math.min(...candidates.map(area));
  const sub = candidates.find((profile) => area(profile) === smallest);
  if (sub === undefined || smallest >= area(main)) return [{ name: 'main', profile: main }];
  return [
    { name: 'main', profile: main },
    { name: 'sub', profile: sub },
  ];
}

function area(profile: OnvifProfile): number {
  return profile.width * profile.height;
}
