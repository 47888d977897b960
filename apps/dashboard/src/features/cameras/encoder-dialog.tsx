import type { Camera } from '@vedette/contracts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { EncoderLines } from './encoder-lines.tsx';

/** What to enter in an encoder that was just added. The password is told here and never again. */
export function EncoderDialog(props: {
  readonly camera: Camera;
  readonly password: string;
  readonly onClose: () => void;
}) {
  return (
    <Dialog
      title={`Set up ${props.camera.name}`}
      onClose={props.onClose}
      keepOpen
      testId="encoder-told"
      footer={
        <Button kind="primary" onClick={props.onClose} data-testid="encoder-done">
          I have noted it
        </Button>
      }
    >
      <p className="mb-3 text-muted">
        Enter this in the encoder. It is live as soon as the encoder sends, and on the wall like any camera.
      </p>
      <EncoderLines camera={props.camera} password={props.password} />
      <p className="mt-3 rounded-md bg-warn-soft px-3 py-2 text-xs text-warn">
        The password is shown this once. When it is lost, edit the camera and give it another.
      </p>
    </Dialog>
  );
}
