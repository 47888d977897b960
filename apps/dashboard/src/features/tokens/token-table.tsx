import type { ApiTokenView } from '@vedette/contracts';
import { Button } from '../../ui/button.tsx';
import { Cell, HeadCell, Table } from '../../ui/table.tsx';
import { grantsSummary } from '../users/grant-words.ts';
import { roleLabel } from '../users/roles.ts';

export function TokenTable(props: {
  readonly tokens: readonly ApiTokenView[];
  readonly onRevoke: (token: ApiTokenView) => void;
}) {
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>Name</HeadCell>
          <HeadCell>May</HeadCell>
          <HeadCell>Cameras</HeadCell>
          <HeadCell>Expires</HeadCell>
          <HeadCell>Last used</HeadCell>
          <HeadCell>Made</HeadCell>
          <HeadCell>
            <span className="sr-only">Actions</span>
          </HeadCell>
        </tr>
      </thead>
      <tbody>
        {props.tokens.map((token) => (
          <tr key={token.id} data-testid={`token-${token.name}`} className="hover:bg-hover">
            <Cell className="font-medium">{token.name}</Cell>
            <Cell>
              {roleLabel(token.role)}
              {token.scopes !== null && (
                <span className="ml-2 text-faint" title={token.scopes.join(', ')}>
                  only {token.scopes.length} {token.scopes.length === 1 ? 'permission' : 'permissions'}
                </span>
              )}
            </Cell>
            <Cell className="text-muted">{grantsSummary(token.role, token.grants)}</Cell>
            <Cell className="text-muted">
              <Expiry at={token.expiresAt} />
            </Cell>
            <Cell className="text-muted">
              {token.lastUsedAt === null ? 'never' : new Date(token.lastUsedAt).toLocaleString()}
            </Cell>
            <Cell className="text-muted">{new Date(token.createdAt).toLocaleDateString()}</Cell>
            <Cell numeric>
              <Button
                kind="quiet"
                className="h-7"
                aria-label={`Revoke ${token.name}`}
                onClick={() => props.onRevoke(token)}
              >
                Revoke
              </Button>
            </Cell>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Expiry({ at }: { readonly at: string | null }) {
  if (at === null) return 'never';
  const day = new Date(at).toLocaleDateString();
  return Date.parse(at) <= Date.now() ? <span className="text-warn">expired {day}</span> : day;
}
