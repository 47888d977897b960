import type { CameraId } from '@vedette/contracts';
import { useSessions } from '../../api/queries.ts';
import { Since } from '../../ui/since.tsx';

/** Who watches one camera now. */
export function CameraViewers({ id }: { readonly id: CameraId }) {
  const { data } = useSessions(id);
  return (
    <section>
      <h3 className="mb-1.5 text-xs font-semibold text-faint">Viewers</h3>
      <ul className="min-h-8 border-t pt-2">
        {data?.items.length === 0 && <li className="text-faint">Nobody is watching.</li>}
        {data?.items.map((session) => (
          <li key={session.id} className="flex gap-3 py-0.5">
            <span className="min-w-0 flex-1 truncate">{session.userName}</span>
            <span className="text-muted">
              {session.protocol === 'webrtc' ? 'WebRTC' : 'HLS'}, {session.profile}
            </span>
            <span className="w-20 text-right text-muted">
              <Since at={session.startedAt} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
