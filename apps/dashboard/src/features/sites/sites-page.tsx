import { useGroups, useRecorders, useSites } from '../../api/organisation-queries.ts';
import { NoPermissionPage } from '../../shell/no-permission-page.tsx';
import { useMay } from '../../shell/use-may.ts';
import { Page } from '../../ui/page.tsx';
import { GroupSection } from './group-section.tsx';
import { RecorderSection } from './recorder-section.tsx';
import { SiteSection } from './site-section.tsx';

/** Where cameras are, which belong together, and which share a device. */
export default function SitesPage() {
  return useMay('site.read') ? <Sites /> : <NoPermissionPage />;
}

function Sites() {
  const mayChange = useMay('site.manage');
  const sites = useSites();
  const groups = useGroups();
  const recorders = useRecorders();
  return (
    <Page title="Sites" testId="sites">
      <div className="flex flex-col gap-10 pt-5 pb-10">
        <SiteSection query={sites} mayChange={mayChange} />
        <GroupSection query={groups} mayChange={mayChange} />
        <RecorderSection query={recorders} mayChange={mayChange} />
      </div>
    </Page>
  );
}
