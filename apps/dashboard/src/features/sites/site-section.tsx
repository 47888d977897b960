import type { SiteView } from '@vedette/contracts';
import { useState } from 'react';
import { useApi } from '../../api/services.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { EditDialog } from '../../ui/edit-dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { TimeZoneField } from '../../ui/time-zone-field.tsx';
import { type Asking, camerasWords } from './asking.ts';
import { CamerasLink } from './cameras-link.tsx';
import { type ListQuery, Section } from './section.tsx';
import { useRenewal } from './use-renewal.ts';
import { wholeNumber } from './whole-number.ts';

export function SiteSection(props: { readonly query: ListQuery<SiteView>; readonly mayChange: boolean }) {
  const api = useApi();
  const done = useRenewal('sites');
  const [asking, setAsking] = useState<Asking<SiteView>>();
  const close = () => setAsking(undefined);
  return (
    <>
      <Section
        {...props}
        title="Sites"
        words="A place with cameras, and the line that leads there."
        addLabel="Add site"
        none="No sites yet. People can be given the cameras of a site, and no more streams are pulled over its line than it bears."
        testId="site"
        onAdd={() => setAsking({ what: 'add' })}
        onEdit={(of) => setAsking({ what: 'edit', of })}
        onDelete={(of) => setAsking({ what: 'delete', of })}
        columns={[
          { head: 'Time zone', cell: ({ timeZone }) => timeZone },
          { head: 'Streams at once', cell: ({ maxPulls }) => maxPulls ?? 'as many as are asked for' },
          {
            head: 'Cameras',
            numeric: true,
            cell: ({ cameras, id }) => <CamerasLink count={cameras} filter={{ site: id }} />,
          },
        ]}
      />
      {(asking?.what === 'add' || asking?.what === 'edit') && (
        <SiteDialog
          site={asking.what === 'edit' ? asking.of : undefined}
          onClose={close}
          onSaved={({ name }) => {
            done(`${name} ${asking.what === 'add' ? 'added' : 'saved'}.`);
            close();
          }}
        />
      )}
      {asking?.what === 'delete' && (
        <ConfirmDialog
          title={`Delete ${asking.of.name}?`}
          action="Delete site"
          run={() => api.organisation.deleteSite(asking.of.id)}
          onCancel={close}
          onDone={() => {
            done(`${asking.of.name} deleted.`);
            close();
          }}
        >
          <p>
            {asking.of.cameras > 0 && `${camerasWords(asking.of.cameras)} stay, without a site. `}
            Who was given this site loses its cameras at once.
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}

function SiteDialog(props: {
  readonly site: SiteView | undefined;
  readonly onClose: () => void;
  readonly onSaved: (site: SiteView) => void;
}) {
  const { site } = props;
  const api = useApi();
  const [name, setName] = useState(site?.name ?? '');
  const [timeZone, setTimeZone] = useState(
    site?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  );
  const [maxPulls, setMaxPulls] = useState(String(site?.maxPulls ?? ''));
  const save = () => {
    const body = { name: name.trim(), timeZone: timeZone.trim(), maxPulls: wholeNumber(maxPulls) };
    return site === undefined ? api.organisation.addSite(body) : api.organisation.changeSite(site.id, body);
  };
  return (
    <EditDialog
      title={site === undefined ? 'Add site' : `Edit ${site.name}`}
      action={site === undefined ? 'Add site' : 'Save'}
      fields={['name', 'timeZone', 'maxPulls']}
      save={save}
      onSaved={props.onSaved}
      onClose={props.onClose}
      testId="site-form"
    >
      {(errors) => (
        <>
          <TextField
            label="Name"
            data-first-focus
            value={name}
            onValue={setName}
            error={errors.get('name')}
            data-testid="site-name"
          />
          <TimeZoneField
            label="Time zone"
            value={timeZone}
            onValue={setTimeZone}
            error={errors.get('timeZone')}
            hint="Rules about the time of day are read in it."
          />
          <TextField
            label="Streams its line bears at once"
            inputMode="numeric"
            placeholder="as many as are asked for"
            value={maxPulls}
            onValue={setMaxPulls}
            error={errors.get('maxPulls')}
            hint="Several who watch one camera share one stream."
          />
        </>
      )}
    </EditDialog>
  );
}
