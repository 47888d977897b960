// A real OpenID provider (oidc-provider) as a process of its own: port, then the address that it sends browsers back to.
// Everybody may sign in, by any name; their groups are what stands before a dash in it: `night-anna` is in `night`.
import { Provider } from 'oidc-provider';

const [port = '0', redirectUri = ''] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: 'vedette',
      client_secret: 'the-secret-of-the-client',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
  ],
  claims: { openid: ['sub'], profile: ['preferred_username'], groups: ['groups'] },
  scopes: ['openid', 'profile', 'groups'],
  features: { devInteractions: { enabled: true } },
  pkce: { required: () => true },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, preferred_username: id, groups: [id.split('-')[0] ?? ''] }),
  }),
  cookies: { keys: ['a key of the test'] },
});
provider.listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));
