import { useLimits } from '../../api/rules-queries.ts';
import { NoPermissionPage } from '../../shell/no-permission-page.tsx';
import { useMay } from '../../shell/use-may.ts';
import { LoadState } from '../../ui/load-state.tsx';
import { Page } from '../../ui/page.tsx';
import { LimitsEditor } from './limits-editor.tsx';
import { UsageSection } from './usage-section.tsx';

/** How much may be used at once, and how much is. */
export default function LimitsPage() {
  return useMay('limit.read') ? <Limits /> : <NoPermissionPage />;
}

function Limits() {
  const limits = useLimits();
  const mayChange = useMay('limit.manage');
  return (
    <Page title="Limits" testId="limits">
      <LoadState query={limits}>
        {(view) => (
          <div className="flex max-w-4xl flex-col gap-8 px-6 py-5">
            <UsageSection view={view} />
            <LimitsEditor view={view} mayChange={mayChange} />
          </div>
        )}
      </LoadState>
    </Page>
  );
}
