import type { TenantView } from '@vedette/contracts';
import { useState } from 'react';
import { useApi } from '../../api/services.ts';
import { EditDialog } from '../../ui/edit-dialog.tsx';
import { TextField } from '../../ui/field.tsx';

/** Adds a tenant, or renames the one given. */
export function TenantDialog(props: {
  readonly tenant?: TenantView;
  readonly onClose: () => void;
  readonly onSaved: (tenant: TenantView) => void;
}) {
  const { tenant } = props;
  const api = useApi();
  const [name, setName] = useState(tenant?.name ?? '');
  const [id, setId] = useState('');
  const save = () =>
    tenant === undefined
      ? api.organisation.addTenant({ name: name.trim(), ...(id.trim() === '' ? {} : { id: id.trim() }) })
      : api.organisation.renameTenant(tenant.id, name.trim());
  return (
    <EditDialog
      title={tenant === undefined ? 'Add tenant' : `Rename ${tenant.name}`}
      action={tenant === undefined ? 'Add tenant' : 'Save'}
      fields={['name', 'id']}
      save={save}
      onSaved={props.onSaved}
      onClose={props.onClose}
      testId="tenant-form"
    >
      {(errors) => (
        <>
          <TextField
            label="Name"
            data-first-focus
            value={name}
            onValue={setName}
            error={errors.get('name')}
            data-testid="tenant-name"
          />
          {tenant === undefined && (
            <TextField
              label="Id"
              mono
              autoComplete="off"
              spellCheck={false}
              placeholder="made for you"
              value={id}
              onValue={setId}
              error={errors.get('id')}
              hint="Stands in addresses and logs, and stays for ever."
            />
          )}
        </>
      )}
    </EditDialog>
  );
}
