import Button from '@atlaskit/button/new';
import ModalDialog, { ModalBody, ModalFooter, ModalHeader, ModalTitle, ModalTransition } from '@atlaskit/modal-dialog';
import type { ReactNode, RefObject } from 'react';
import { WorkButton } from './work-button';

interface Props {
  isOpen: boolean;
  title: string;
  children: ReactNode;
  confirmLabel: string;
  cancelLabel?: string;
  appearance?: 'danger' | 'warning';
  /** What gets the focus when the dialog closes; by default what had it before. */
  returnFocus?: RefObject<HTMLElement>;
  /** May go on for a while; closing the dialog is the caller's. */
  onConfirm: () => unknown;
  onCancel: () => void;
}

/** Asks before something that can't be undone. Cancel comes first, so that Enter pressed too fast does no harm. */
export function ConfirmDialog(props: Props) {
  const { appearance = 'danger', cancelLabel = 'Cancel' } = props;
  return (
    <ModalTransition>
      {props.isOpen && (
        <ModalDialog width="small" shouldReturnFocus={props.returnFocus ?? true} onClose={props.onCancel}>
          <ModalHeader hasCloseButton>
            <ModalTitle appearance={appearance}>{props.title}</ModalTitle>
          </ModalHeader>
          <ModalBody>{props.children}</ModalBody>
          <ModalFooter>
            <Button appearance="subtle" onClick={props.onCancel}>
              {cancelLabel}
            </Button>
            <WorkButton appearance={appearance} onClick={props.onConfirm}>
              {props.confirmLabel}
            </WorkButton>
          </ModalFooter>
        </ModalDialog>
      )}
    </ModalTransition>
  );
}
