import { ErrorMessage } from '@atlaskit/form';
import { Stack, Text } from '@atlaskit/primitives';
import { incidentKinds } from '../../../src/domain/incident';
import { CheckInput, checked, NumberInput } from '../../shared/fields';
import { Section } from '../../shared/form-section';
import type { Form } from '../../shared/use-form';
import type { FormValues } from './form-values';
import { kindTexts, formTexts as texts } from './texts';

/** What the rule tells of. */
export function IncidentFields({ form }: { form: Form<FormValues> }) {
  const { error } = form.field('incidents');
  return (
    <Section title={texts.incidentSection}>
      <Text as="p" color="color.text.subtle">
        {texts.incidentHint}
      </Text>
      {incidentKinds.map((kind) => (
        <Stack key={kind} space="space.100">
          <CheckInput
            field={{
              ...form.field(kind),
              // Whoever touched one may be told what is wrong with the choice of all.
              onChange: (value) => form.change({ [kind]: value, incidents: checked } as Partial<FormValues>),
            }}
            label={kindTexts[kind].label}
            hint={kindTexts[kind].hint}
          />
          {kind === 'failing' && form.values.failing === checked && (
            <NumberInput
              field={form.field('failingMinutes')}
              label={texts.failingMinutes}
              hint={texts.failingMinutesHint}
              min={5}
              max={1_440}
            />
          )}
        </Stack>
      ))}
      {error !== null && (
        <div role="alert" data-refused="true" tabIndex={-1}>
          <ErrorMessage>{error}</ErrorMessage>
        </div>
      )}
    </Section>
  );
}
