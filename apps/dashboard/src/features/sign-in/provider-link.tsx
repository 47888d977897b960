import { useQuery } from '@tanstack/react-query';
import { LogIn } from 'lucide-react';
import { unwrap } from '../../api/api-result.ts';
import { useApi } from '../../api/services.ts';
import { providerAddress } from './provider-failure.ts';

/** The way through the identity provider, where there is one. */
export function ProviderLink() {
  const api = useApi();
  const { data } = useQuery({
    queryKey: ['sign-in', 'options'],
    queryFn: async ({ signal }) => unwrap(await api.signInOptions(signal)),
    staleTime: 60_000,
  });
  if (data === undefined || data.provider === null) return null;
  return (
    <div className="mt-4 border-t pt-4">
      <a
        href={providerAddress(location.pathname, location.search)}
        className="flex h-9 w-full items-center justify-center gap-2 rounded-md border border-line-strong bg-raised px-3 text-sm hover:bg-hover"
        data-testid="sign-in-provider"
      >
        <LogIn aria-hidden className="size-4" strokeWidth={1.75} />
        {data.provider}
      </a>
    </div>
  );
}
