import type { Camera } from '@vedette/contracts';
import { useMay } from '../../shell/use-may.ts';
import { kindWords } from './camera-kinds.ts';
import { EncoderLines } from './encoder-lines.tsx';
import { Fact, Facts } from './facts.tsx';
import { sourceAddress } from './source-address.ts';

const MADE = { sub: 'small, for grids', lite: 'plays in every browser' } as const;

/** Where a camera's stream comes from, and how. */
export function SourceFacts({ camera }: { readonly camera: Camera }) {
  const mayChange = useMay('camera.write');
  const { renditions, source } = camera;
  const { icon: Icon, label } = kindWords(source.kind);
  return (
    <>
      <Facts title="Source">
        <Fact name="Kind">
          <span className="flex items-center gap-1.5">
            <Icon aria-hidden className="size-4 text-muted" strokeWidth={1.75} />
            {label}
          </span>
        </Fact>
        {source.kind === 'publish' ? (
          <Fact name="Sends by">{source.via.toUpperCase()}</Fact>
        ) : (
          <Fact name={source.kind === 'file' ? 'Path' : 'Address'}>
            <Address text={sourceAddress(source)} />
          </Fact>
        )}
        {source.kind === 'rtsp' && source.subUrl !== undefined && (
          <Fact name="Small stream">
            <Address text={source.subUrl} />
          </Fact>
        )}
        {source.kind === 'rtsp' && source.certificate !== undefined && (
          <Fact name="Certificate">
            <Certificate of={source.certificate} />
          </Fact>
        )}
        {source.kind !== 'file' && source.username !== undefined && (
          <Fact name="User name">
            <span className="break-all select-text">{source.username}</span>
          </Fact>
        )}
        {source.kind !== 'file' && (
          <Fact name="Password">{source.hasPassword ? 'kept, encrypted' : 'none'}</Fact>
        )}
        {(source.kind === 'rtsp' || source.kind === 'onvif') && (
          <Fact name="Transport">
            {source.transport === 'http' ? 'HTTP tunnel' : source.transport.toUpperCase()}
          </Fact>
        )}
        {(source.kind === 'file' || source.kind === 'http') && (
          <Fact name="At its end">{source.loop ? 'begins again' : 'stops'}</Fact>
        )}
        <Fact name="Pull">
          {source.kind === 'publish'
            ? 'waited for at all times'
            : camera.pull === 'always-on'
              ? 'always'
              : `while somebody watches, and ${camera.idleTtlSeconds} s after the last viewer`}
        </Fact>
        {renditions.length > 0 && (
          <Fact name="Made by us">{renditions.map(({ profile }) => MADE[profile]).join('; ')}</Fact>
        )}
      </Facts>
      {source.kind === 'publish' && mayChange && (
        <section>
          <h3 className="mb-1.5 text-xs font-semibold text-faint">In the encoder</h3>
          <div className="border-t pt-1">
            <EncoderLines camera={camera} />
          </div>
        </section>
      )}
    </>
  );
}

function Address({ text }: { readonly text: string }) {
  return <span className="font-mono text-xs break-all select-text">{text}</span>;
}

function Certificate(props: {
  readonly of: NonNullable<Extract<Camera['source'], { kind: 'rtsp' }>['certificate']>;
}) {
  switch (props.of.check) {
    case 'authority':
      return 'checked by authorities';
    case 'none':
      return <span className="text-warn">not checked</span>;
    case 'pin':
      return (
        <>
          checked by its fingerprint
          <span className="block font-mono text-2xs break-all text-faint select-text">{props.of.sha256}</span>
        </>
      );
  }
}
