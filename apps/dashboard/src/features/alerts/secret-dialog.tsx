import { Button } from '../../ui/button.tsx';
import { CopyLine } from '../../ui/copy-line.tsx';
import { Dialog } from '../../ui/dialog.tsx';

/** What a webhook is signed with, told once. */
export function SecretDialog(props: {
  readonly name: string;
  readonly secret: string;
  readonly onClose: () => void;
}) {
  return (
    <Dialog
      title={`Secret of ${props.name}`}
      onClose={props.onClose}
      keepOpen
      testId="alert-secret"
      footer={
        <Button kind="primary" onClick={props.onClose}>
          I have noted it
        </Button>
      }
    >
      <p className="mb-3 text-muted">
        Every call is signed with it, as Standard Webhooks say. Whoever receives them checks the signature.
      </p>
      <CopyLine label="Secret" value={props.secret} />
      <p className="mt-3 rounded-md bg-warn-soft px-3 py-2 text-xs text-warn">
        The secret is shown this once. When it is lost, add the target anew.
      </p>
    </Dialog>
  );
}
