import { CheckInput, type Choice, ChoiceInput, checked } from '../../shared/fields';
import type { FieldState } from '../../shared/use-form';
import { accountTexts as texts } from './texts';

interface Props {
  host: FieldState;
  overrides: FieldState;
  /** The host of the credential's cloud. */
  usual: string;
  choices: readonly Choice[];
  onChange: (values: { overridesHost: string; host?: string }) => void;
}

/** A host that is known, and may be replaced by another of the provider's. */
export function HostOverride({ host, overrides, usual, choices, onChange }: Props) {
  // A stored host that differs was chosen, whatever the box says.
  const isOverridden = overrides.value === checked || host.value !== usual;
  const field = { ...overrides, value: isOverridden ? checked : '' };
  const change = (overridesHost: string) => onChange({ overridesHost, ...(overridesHost === '' && { host: usual }) });
  return (
    <>
      <CheckInput field={{ ...field, onChange: change }} label={texts.overrideHost} hint={texts.defaultHost(usual)} />
      {isOverridden && <ChoiceInput field={host} label={texts.host} choices={choices} isRequired />}
    </>
  );
}
