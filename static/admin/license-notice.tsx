import { Text } from '@atlaskit/primitives';
import SectionMessage from '@atlaskit/section-message';
import { view } from '@forge/bridge';
import { useEffect, useState } from 'react';
import { isLicensed } from '../../src/domain/license';

const texts = {
  title: 'Letterbox has no active license',
  text: 'No mail is fetched and no alerts are sent. Nothing is lost: mail waits in its mailboxes, and everything that is stored can be read here. Ask whoever manages billing of this site to renew the license; Letterbox then goes on where it stopped.',
} as const;

/** Says on every page why nothing is polled; shown only where the product tells of a license that is not active. */
export function LicenseNotice() {
  const [isActive, setActive] = useState(true);
  useEffect(() => {
    view.getContext().then(
      ({ license }) => setActive(isLicensed(license)),
      () => setActive(true),
    );
  }, []);
  if (isActive) return null;
  return (
    <SectionMessage appearance="warning" title={texts.title}>
      <Text as="p">{texts.text}</Text>
    </SectionMessage>
  );
}
