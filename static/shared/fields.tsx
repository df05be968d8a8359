import { ErrorMessage, HelperMessage, Label, RequiredAsterisk } from '@atlaskit/form';
import { Inline } from '@atlaskit/primitives';
import Select from '@atlaskit/select';
import TextArea from '@atlaskit/textarea';
import Textfield from '@atlaskit/textfield';
import type { HTMLInputTypeAttribute, ReactNode } from 'react';
import type { FieldState } from './use-form';

export interface Choice {
  value: string;
  label: string;
  isDisabled?: boolean;
}

export interface FieldProps {
  field: FieldState;
  label: string;
  hint?: ReactNode;
  isRequired?: boolean;
}

/** A label above a control, and below it the error or else the hint. */
export function FieldFrame({ field, label, hint, isRequired, children }: FieldProps & { children: ReactNode }) {
  return (
    <div>
      <Label htmlFor={field.id}>
        {label}
        {isRequired && <RequiredAsterisk />}
      </Label>
      {children}
      <div id={`${field.id}-message`} aria-live="polite">
        {field.error !== null && <ErrorMessage>{field.error}</ErrorMessage>}
        {field.error === null && hint && <HelperMessage>{hint}</HelperMessage>}
      </div>
    </div>
  );
}

/** The properties that tie a control to its label and message, for every Atlaskit control that takes text. */
function textProps({ field, isRequired = false }: FieldProps) {
  return {
    id: field.id,
    name: field.id,
    value: field.value,
    isInvalid: field.error !== null,
    // Atlaskit's text area does not say by itself that it is invalid.
    'aria-invalid': field.error !== null,
    isRequired,
    'aria-describedby': `${field.id}-message`,
    onBlur: field.onBlur,
  };
}

/** The same for the select fields, whose input is an element inside of them. */
export function selectProps({ field, isRequired = false }: Pick<FieldProps, 'field' | 'isRequired'>) {
  return {
    inputId: field.id,
    menuPlacement: 'auto' as const,
    isInvalid: field.error !== null,
    'aria-invalid': field.error !== null,
    'aria-required': isRequired,
    descriptionId: `${field.id}-message`,
    onBlur: field.onBlur,
  };
}

interface TextInputProps extends FieldProps {
  type?: HTMLInputTypeAttribute;
  autoComplete?: string;
  placeholder?: string;
}

export function TextInput(props: TextInputProps) {
  const { type = 'text', autoComplete = 'off', placeholder = '' } = props;
  return (
    <FieldFrame {...props}>
      <Textfield
        {...textProps(props)}
        {...{ type, autoComplete, placeholder }}
        {...(type === 'date' && { width: 'small' as const })}
        onChange={(event) => props.field.onChange(event.currentTarget.value)}
      />
    </FieldFrame>
  );
}

/** A number that must be there, from `min` to `max`. */
export function NumberInput(props: Omit<FieldProps, 'isRequired'> & { min: number; max: number }) {
  const { field, min, max } = props;
  return (
    <FieldFrame {...props} isRequired>
      <Textfield
        {...textProps({ ...props, isRequired: true })}
        {...{ type: 'number', autoComplete: 'off', width: 'small', min, max }}
        onChange={(event) => field.onChange(event.currentTarget.value)}
      />
    </FieldFrame>
  );
}

export function TextBox(props: FieldProps & { placeholder?: string; isMonospaced?: boolean }) {
  return (
    <FieldFrame {...props}>
      <TextArea
        {...textProps(props)}
        placeholder={props.placeholder ?? ''}
        isMonospaced={props.isMonospaced ?? false}
        minimumRows={3}
        onChange={(event) => props.field.onChange(event.currentTarget.value)}
      />
    </FieldFrame>
  );
}

/** A field with a few choices that are known beforehand. */
export function ChoiceInput(props: FieldProps & { choices: readonly Choice[] }) {
  const { field, choices } = props;
  return (
    <FieldFrame {...props}>
      <Select<Choice>
        {...selectProps(props)}
        options={choices}
        isSearchable={false}
        value={choices.find(({ value }) => value === field.value) ?? null}
        onChange={(choice) => field.onChange(choice?.value ?? '')}
      />
    </FieldFrame>
  );
}

/** The value of a checked box; that of another is empty. */
export const checked = 'yes';

export function CheckInput({ field, label, hint }: FieldProps) {
  return (
    <div>
      <Inline space="space.100" alignBlock="start">
        <input
          id={field.id}
          type="checkbox"
          checked={field.value === checked}
          aria-describedby={`${field.id}-message`}
          onChange={(event) => field.onChange(event.currentTarget.checked ? checked : '')}
        />
        <label htmlFor={field.id}>{label}</label>
      </Inline>
      <div id={`${field.id}-message`}>{hint && <HelperMessage>{hint}</HelperMessage>}</div>
    </div>
  );
}
