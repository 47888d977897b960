import type { DecisionStep, ReasonCode } from '@vedette/contracts';
import { REASON_TEXT } from '@vedette/contracts/reason-text';
import type { SoundState } from '@vedette/player';
import type { ReactNode } from 'react';
import type { CameraHealth } from '../../../api/camera-states.ts';
import { audioCodecName } from '../../../format/audio-codec-name.ts';
import { formatAge } from '../../../format/format-age.ts';
import { cameraStateWords } from '../../../ui/camera-state-words.ts';
import { furtherDetail } from '../../../ui/further-detail.ts';
import { useNow } from '../../../ui/since.tsx';
import { StateMark } from '../../../ui/state-mark.tsx';
import { figures } from '../figures.ts';
import { tileWords } from '../tile-words.ts';
import type { PlacedCamera } from '../wall-state.ts';
import type { CameraPlayer } from './use-camera-player.ts';

const STEPS: Readonly<Record<DecisionStep['step'], string>> = {
  access: 'Access',
  policy: 'Delivery',
  admission: 'Room',
  placement: 'Node',
};

/** Why a tile looks as it does: its state in a sentence, what control knows, and how it was decided. */
export function WhyTile(props: {
  readonly camera: PlacedCamera;
  readonly player: CameraPlayer;
  readonly health: CameraHealth | undefined;
}) {
  const { camera, player, health } = props;
  useNow(1000);
  const { status, stats, decision, sound } = player;
  const { word, tone, shape } = tileWords(status.state, status.reason);
  const age = player.pictureAgeMs();
  const codec = stats?.audioCodec ?? health?.audio ?? null;
  const measured = stats !== null && figures(stats) !== '' && `, ${figures(stats)}`;
  const node = decision.find(({ step }) => step === 'placement')?.result;
  return (
    <>
      <p className="truncate text-xs text-faint">{camera.name}</p>
      <h2 className="flex items-center gap-2 text-base font-semibold">
        <StateMark shape={shape} tone={tone} className="size-3.5" />
        {word}
      </h2>
      <p data-testid="why-sentence" className="mt-1 text-muted">
        {status.sentence}
      </p>
      <p data-testid="why-code" className="mt-1 font-mono text-2xs text-faint">
        {status.reason}
      </p>
      <dl className="mt-3 grid grid-cols-[6rem_1fr] gap-x-3 gap-y-1 border-t pt-3">
        <Row name="Camera">
          {health === undefined ? 'not heard of yet' : cameraWords(health, status.reason)}
        </Row>
        <Row name="Plays by">
          {status.protocol === null ? 'nothing yet' : status.protocol === 'webrtc' ? 'WebRTC' : 'HLS'}
          {status.profile !== null && `, ${status.profile} stream`}
          {status.detour !== null && !status.soundOnly && (
            <span className="block text-xs text-muted">{REASON_TEXT[status.detour]}</span>
          )}
        </Row>
        <Row name="Picture">
          {status.soundOnly
            ? 'none, this stream is sound alone'
            : age === null
              ? 'none yet'
              : status.state === 'live'
                ? 'fresh'
                : `${formatAge(age)} old`}
          {!status.soundOnly && measured}
        </Row>
        <Row name="Sound">
          {soundWords(sound, status.soundOnly && measured ? null : codec)}
          {status.soundOnly && measured}
        </Row>
        {health?.nowPlaying != null && <Row name="On air">{health.nowPlaying}</Row>}
        <Row name="Node">{node ?? 'none yet'}</Row>
        {status.failedAttempts > 0 && <Row name="Attempts failed">{status.failedAttempts} in a row</Row>}
        {status.sessionId !== null && (
          <Row name="View">
            <span className="font-mono text-xs break-all select-text">{status.sessionId}</span>
          </Row>
        )}
      </dl>
      {decision.length > 0 && (
        <ol className="mt-3 flex flex-col gap-1.5 border-t pt-3">
          {decision.map((step) => (
            <li key={`${step.step} ${step.rule}`} className="grid grid-cols-[6rem_1fr] gap-x-3">
              <span className="text-faint">{STEPS[step.step]}</span>
              <span>
                <span className="font-medium">{step.result}</span>
                <span className="float-right ml-2 font-mono text-2xs text-faint">{step.rule}</span>
                <span className="block text-xs text-muted">{step.reason}</span>
              </span>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}

/** What control says of the camera; its reason only where the tile's own sentence does not say the same. */
function cameraWords({ state, reason, detail }: CameraHealth, said: ReasonCode): string {
  const sentence = state === 'live' || reason === said ? undefined : REASON_TEXT[reason];
  return [`${cameraStateWords(state, reason).word}.`, sentence, furtherDetail(reason, detail)]
    .filter(Boolean)
    .join(' ');
}

function soundWords(sound: SoundState, codec: string | null): string {
  if (!sound.available) return 'none';
  const heard = sound.refused ? 'kept muted by the browser' : sound.muted ? 'muted' : 'heard';
  return codec === null || codec === '' ? heard : `${audioCodecName(codec)}, ${heard}`;
}

function Row({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-faint">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}
