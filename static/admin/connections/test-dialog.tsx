import Button from '@atlaskit/button/new';
import ModalDialog, { ModalBody, ModalFooter, ModalHeader, ModalTitle } from '@atlaskit/modal-dialog';
import { type RefObject, useCallback } from 'react';
import type { ConnectionView } from '../../../src/resolvers/contract';
import { call } from '../../shared/call';
import { ErrorNotice } from '../../shared/error-notice';
import { Loading } from '../../shared/layout';
import { useQuery } from '../../shared/use-query';
import { TestReport } from './test-report';
import { testTexts as texts } from './texts';

interface Props {
  connection: ConnectionView;
  /** What gets the focus when the dialog closes. */
  returnFocus: RefObject<HTMLElement>;
  onClose: () => void;
}

/** Tests a saved connection with its stored password. */
export function TestDialog({ connection, returnFocus, onClose }: Props) {
  const { id, settings } = connection;
  const run = useCallback(() => call('connections.test', { id, settings }), [id, settings]);
  const { value: report, error, loading, reload } = useQuery(run);

  return (
    <ModalDialog width="medium" shouldReturnFocus={returnFocus} onClose={onClose}>
      <ModalHeader hasCloseButton>
        <ModalTitle>{texts.title(settings.name)}</ModalTitle>
      </ModalHeader>
      <ModalBody>
        <div role="status">
          {loading && <Loading label={texts.running} />}
          {!loading && error && <ErrorNotice title={texts.callFailed} error={error} />}
          {!loading && !error && report && <TestReport report={report} />}
        </div>
      </ModalBody>
      <ModalFooter>
        <Button appearance="subtle" isDisabled={loading} onClick={() => void reload()}>
          {texts.again}
        </Button>
        <Button appearance="primary" onClick={onClose}>
          {texts.close}
        </Button>
      </ModalFooter>
    </ModalDialog>
  );
}
