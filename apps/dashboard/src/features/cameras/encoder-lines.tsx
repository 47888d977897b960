import type { Camera } from '@vedette/contracts';
import { useNodes, useStreams } from '../../api/queries.ts';
import { CopyLine } from '../../ui/copy-line.tsx';
import { encoderSettings } from './encoder-settings.ts';

/** What to enter in an encoder so that it reaches us; with the password only while it is told. */
export function EncoderLines({ camera, password }: { readonly camera: Camera; readonly password?: string }) {
  const { source } = camera;
  const path = `cam_${camera.id}`;
  const nodes = useNodes().data?.items ?? [];
  const streams = useStreams().data?.items ?? [];
  if (source.kind !== 'publish') return null;
  const placedOn = streams.find((stream) => stream.path === path)?.node;
  const node = nodes.find(({ id }) => id === placedOn) ?? (nodes.length === 1 ? nodes[0] : undefined);
  return (
    <>
      {encoderSettings({
        via: source.via,
        port: source.port,
        path,
        username: source.username ?? path,
        password,
        nodeUrl: node?.publicUrl,
      }).map(({ label, note, value }) => (
        <CopyLine
          key={label}
          label={label}
          value={value}
          note={note}
          testId={`encoder-${label.toLowerCase().replaceAll(' ', '-')}`}
        />
      ))}
      {node === undefined && (
        <p className="mt-1 text-xs text-warn">
          No media node has taken this camera yet: NODE stands for its host name.
        </p>
      )}
    </>
  );
}
