import type { ReactNode } from 'react';
import { NumberInput, TextBox } from '../../shared/fields';
import { Section } from '../../shared/form-section';
import type { FormPart } from '../../shared/use-form';
import { type AccountValues, isOAuth } from './account-values';
import { accountTexts as texts } from './texts';

/** What few servers need; `children` are the limits that only some connections have. */
export function AdvancedFields({ form, children }: { form: FormPart<AccountValues>; children?: ReactNode }) {
  return (
    <Section title={texts.advancedSection}>
      {!isOAuth(form.values) && (
        <TextBox
          field={form.field('privateCa')}
          label={texts.privateCa}
          hint={texts.privateCaHint}
          placeholder="-----BEGIN CERTIFICATE-----"
          isMonospaced
        />
      )}
      <NumberInput
        field={form.field('timeoutMs')}
        label={texts.timeout}
        hint={texts.timeoutHint}
        min={1}
        max={60_000}
      />
      {children}
    </Section>
  );
}
