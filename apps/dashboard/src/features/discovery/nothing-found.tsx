import type { Discovery } from '@vedette/contracts';
import { Radar, SearchX } from 'lucide-react';
import { EmptyState } from '../../ui/empty-state.tsx';

/** In place of a list: before a search, while nothing has answered, and when nothing did. */
export function NothingFound(props: {
  readonly search: Discovery | undefined;
  readonly isGone: boolean;
  readonly isFiltered: boolean;
}) {
  const { search } = props;
  if (props.isGone)
    return (
      <EmptyState icon={SearchX} title="The search is gone" testId="discovery-gone">
        <p>Control was restarted, and does not remember it. Start it again.</p>
      </EmptyState>
    );
  if (props.isFiltered)
    return (
      <EmptyState icon={Radar} title="Nothing new" testId="discovery-nothing-new">
        <p>Every device that answered is a camera already.</p>
      </EmptyState>
    );
  switch (search?.state) {
    case undefined:
      return (
        <EmptyState icon={Radar} title="Find cameras on your networks" testId="discovery-idle">
          <p>
            Choose where to look, and start. What answers is listed here; nothing is added before you say so.
          </p>
        </EmptyState>
      );
    case 'running':
      return (
        <EmptyState icon={Radar} title="Asking who is there" testId="discovery-running">
          <p>Cameras answer within a few seconds.</p>
        </EmptyState>
      );
    case 'done':
      return (
        <EmptyState icon={SearchX} title="Nothing answered" testId="discovery-nothing">
          <p>
            Cameras behind a router, or with discovery switched off, do not answer: try their range of
            addresses, or add them by their address.
          </p>
        </EmptyState>
      );
    case 'cancelled':
      return (
        <EmptyState icon={SearchX} title="The search was called off" testId="discovery-cancelled">
          <p>Nothing had answered until then.</p>
        </EmptyState>
      );
  }
}
