import { usePolicy } from '../../api/rules-queries.ts';
import { NoPermissionPage } from '../../shell/no-permission-page.tsx';
import { useMay } from '../../shell/use-may.ts';
import { LoadState } from '../../ui/load-state.tsx';
import { Page } from '../../ui/page.tsx';
import { PolicyEditor } from './policy-editor.tsx';

/** The rules by which it is decided who gets which picture, and how. */
export default function PolicyPage() {
  return useMay('policy.read') ? <Policy /> : <NoPermissionPage />;
}

function Policy() {
  const policy = usePolicy();
  if (policy.data !== undefined) return <PolicyEditor view={policy.data} />;
  return (
    <Page title="Policy" testId="policy">
      <LoadState query={policy}>{() => null}</LoadState>
    </Page>
  );
}
