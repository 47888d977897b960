import type { AuditVerdict } from '@vedette/contracts';
import { ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../../api/services.ts';
import { useToasts } from '../../shell/chrome.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';

/** Proves that nothing was altered or removed, and shows where something was. */
export function VerifyButton() {
  const api = useApi();
  const toasts = useToasts();
  const [busy, setBusy] = useState(false);
  const [verdict, setVerdict] = useState<AuditVerdict>();
  const verify = async () => {
    setBusy(true);
    const result = await api.verifyAudit();
    setBusy(false);
    if (result.ok) setVerdict(result.value);
    else toasts.problem(result.problem);
  };
  return (
    <>
      <Button icon={ShieldCheck} disabled={busy} onClick={() => void verify()} data-testid="audit-verify">
        {busy ? 'Checking…' : 'Verify'}
      </Button>
      {verdict !== undefined && <Verdict verdict={verdict} onClose={() => setVerdict(undefined)} />}
    </>
  );
}

function Verdict({ verdict, onClose }: { readonly verdict: AuditVerdict; readonly onClose: () => void }) {
  const { chains, faults, records, seals, undelivered, unsealed } = verdict;
  const intact = faults.length === 0;
  return (
    <Dialog
      title={intact ? 'Nothing was altered or removed' : 'The audit is not what was written'}
      onClose={onClose}
      testId="audit-verdict"
    >
      <p>
        {records} records in {chains} {chains === 1 ? 'chain' : 'chains'} were checked against {seals}{' '}
        {seals === 1 ? 'signature' : 'signatures'}.
        {unsealed > 0 &&
          ` The newest ${unsealed} ${unsealed === 1 ? 'is' : 'are'} not signed for yet; that happens every minute.`}
      </p>
      {undelivered.map(({ host, lastHeardAt, records: count, writer }) => (
        <p key={writer} className="mt-4">
          A control process on <span className="font-mono text-sm">{host}</span> was last heard of at{' '}
          {new Date(lastHeardAt).toLocaleString()} and has not closed its chain:{' '}
          {count === 0 ? 'records may be' : `${count} ${count === 1 ? 'record is' : 'records are'}`} on its
          disk and come when it starts again.
        </p>
      ))}
      {!intact && (
        <ul className="mt-4 flex flex-col gap-2">
          {faults.map(({ what, where }) => (
            <li key={`${where} ${what}`} className="text-bad">
              <span className="font-mono text-sm">{where}</span>: {what}
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
