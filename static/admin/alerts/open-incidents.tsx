import { Inline, Stack, Text } from '@atlaskit/primitives';
import SectionMessage from '@atlaskit/section-message';
import { type Incident, incidentId, pageOf } from '../../../src/domain/incident';
import { Moment } from '../../shared/reader';
import { ScreenLink } from '../../shared/screen-link';
import { listTexts as texts } from './texts';

/** Spelled out; the others are counted. */
const most = 10;

/** What is wrong now, whoever is told of it. */
export function OpenIncidents({ incidents }: { incidents: readonly Incident[] }) {
  if (incidents.length === 0) {
    return (
      <SectionMessage appearance="success">
        <Text as="p">{texts.allWell}</Text>
      </SectionMessage>
    );
  }
  return (
    <SectionMessage appearance="warning" title={texts.openTitle(incidents.length)}>
      <Stack space="space.150">
        {incidents.slice(0, most).map((incident) => (
          <Stack key={incidentId(incident)} space="space.025">
            <Inline space="space.050" rowSpace="space.025" alignBlock="baseline" shouldWrap>
              <Text weight="bold">
                <ScreenLink to={pageOf(incident)}>{incident.title}</ScreenLink>
              </Text>
              <Text size="small" color="color.text.subtle">
                {texts.since} <Moment time={incident.since} />
              </Text>
            </Inline>
            <Text as="p">{incident.text}</Text>
          </Stack>
        ))}
        {incidents.length > most && <Text as="p">{texts.moreOpen(incidents.length - most)}</Text>}
      </Stack>
    </SectionMessage>
  );
}
