import type { TenantId, TenantView } from '@vedette/contracts';
import { Button } from '../../ui/button.tsx';
import { Cell, HeadCell, Table } from '../../ui/table.tsx';

export function TenantTable(props: {
  readonly tenants: readonly TenantView[];
  /** Of those who run the platform, and that of whoever looks. */
  readonly home: TenantId | undefined;
  readonly onRename: (tenant: TenantView) => void;
  readonly onAdministrator: (tenant: TenantView) => void;
  readonly onDelete: (tenant: TenantView) => void;
}) {
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>Name</HeadCell>
          <HeadCell>Id</HeadCell>
          <HeadCell numeric>Cameras</HeadCell>
          <HeadCell numeric>People</HeadCell>
          <HeadCell>Added</HeadCell>
          <HeadCell>
            <span className="sr-only">Actions</span>
          </HeadCell>
        </tr>
      </thead>
      <tbody>
        {props.tenants.map((tenant) => {
          const isHome = tenant.id === props.home;
          return (
            <tr key={tenant.id} data-testid={`tenant-${tenant.id}`} className="hover:bg-hover">
              <Cell className="font-medium">
                {tenant.name}
                {isHome && <span className="ml-2 font-normal text-faint">runs the platform</span>}
              </Cell>
              <Cell className="font-mono text-xs text-muted">{tenant.id}</Cell>
              <Cell numeric>{tenant.cameras}</Cell>
              <Cell numeric className={tenant.users === 0 ? 'text-warn' : ''}>
                {tenant.users === 0 ? 'nobody yet' : tenant.users}
              </Cell>
              <Cell className="text-muted">{new Date(tenant.createdAt).toLocaleDateString()}</Cell>
              <Cell numeric>
                {!isHome && (
                  <Button
                    kind="quiet"
                    className="h-7"
                    aria-label={`Add an administrator of ${tenant.name}`}
                    onClick={() => props.onAdministrator(tenant)}
                    data-testid={`tenant-administrator-${tenant.id}`}
                  >
                    Add administrator
                  </Button>
                )}
                <Button
                  kind="quiet"
                  className="h-7"
                  aria-label={`Rename ${tenant.name}`}
                  onClick={() => props.onRename(tenant)}
                >
                  Rename
                </Button>
                <Button
                  kind="quiet"
                  className="h-7"
                  aria-label={`Delete ${tenant.name}`}
                  disabled={isHome}
                  onClick={() => props.onDelete(tenant)}
                >
                  Delete
                </Button>
              </Cell>
            </tr>
          );
        })}
      </tbody>
    </Table>
  );
}
