import Button from '@atlaskit/button/new';
import ModalDialog, { ModalBody, ModalFooter, ModalHeader, ModalTitle } from '@atlaskit/modal-dialog';
import { type RefObject, useState } from 'react';
import type { CheckReport, CheckStepName } from '../../../src/domain/ports';
import { ErrorNotice } from '../../shared/error-notice';
import { Loading } from '../../shared/layout';
import { useQuery } from '../../shared/use-query';
import { TestReport } from './test-report';
import { testTexts as texts } from './test-texts';

interface Props {
  name: string;
  run: () => Promise<CheckReport>;
  /** The steps of the whole test; all there are if nothing is said. */
  steps?: readonly CheckStepName[];
  /** What gets the focus when the dialog closes. */
  returnFocus: RefObject<HTMLElement>;
  onClose: () => void;
}

/** Tests a saved connection with its stored password. */
export function TestDialog({ name, run, steps, returnFocus, onClose }: Props) {
  // Another function with each rendering would be another test each time.
  const [test] = useState(() => run);
  const { value: report, error, loading, reload } = useQuery(test);

  return (
    <ModalDialog width="medium" shouldReturnFocus={returnFocus} onClose={onClose}>
      <ModalHeader hasCloseButton>
        <ModalTitle>{texts.title(name)}</ModalTitle>
      </ModalHeader>
      <ModalBody>
        <div role="status">
          {loading && <Loading label={texts.running} />}
          {!loading && error && <ErrorNotice title={texts.callFailed} error={error} />}
          {!loading && !error && report && <TestReport report={report} {...(steps && { steps })} />}
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
