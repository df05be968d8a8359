import { type RefObject, useEffect, useRef, useState } from 'react';

export type FieldErrors = Readonly<Record<string, string>>;

/** What every kind of field needs to know and to say. */
export interface FieldState {
  id: string;
  value: string;
  error: string | null;
  onChange: (value: string) => void;
  onBlur: () => void;
}

/** The server names fields by their path in the payload; a form by their path in the settings. */
export function fromServer(errors: FieldErrors): FieldErrors {
  return Object.fromEntries(
    Object.entries(errors).map(([path, message]) => [path.replace(/^settings\./, ''), message]),
  );
}

export interface Form<V extends Record<string, string>> {
  values: V;
  isDirty: boolean;
  /** Goes on the form element: the first invalid field is looked for in it. */
  ref: RefObject<HTMLFormElement>;
  field: (name: keyof V & string) => FieldState;
  /** Sets fields that follow from another. Those that become empty do not ask for an answer yet. */
  change: (values: Partial<V>) => void;
  /** Whether none of these fields is missing or wrong, shown or not. */
  isValid: (names: readonly (keyof V & string)[]) => boolean;
  /** Shows all errors (or those of some fields) and moves the focus to the first. True when there are none. */
  check: (names?: readonly (keyof V & string)[]) => boolean;
  /** Shows what the server found wrong, each beside its field until that is edited. */
  reject: (errors: FieldErrors) => void;
}

/** The fields of a form that some of its controls need, whatever else it has. */
export type FormPart<V extends Record<string, string>> = Pick<Form<V>, 'values' | 'field' | 'change'>;

/**
 * The state of a form whose fields all hold text. A field shows its error as soon as it was changed or left, so that an
 * empty form does not shout.
 * @param validate says what is wrong with the values: field name → message.
 */
export function useForm<V extends Record<string, string>>(initial: V, validate: (values: V) => FieldErrors): Form<V> {
  const [start] = useState(initial);
  const [values, setValues] = useState(initial);
  const [shown, setShown] = useState<ReadonlySet<string>>(new Set());
  const [rejected, setRejected] = useState<FieldErrors>({});
  const [checks, setChecks] = useState(0);
  const ref = useRef<HTMLFormElement>(null);
  const errors = validate(values);

  const show = (names: Iterable<string>) => setShown((before) => new Set([...before, ...names]));
  const set = (changed: Partial<V>) => {
    const names = Object.keys(changed);
    setValues((before) => ({ ...before, ...changed }));
    setRejected((before) => Object.fromEntries(Object.entries(before).filter(([name]) => !names.includes(name))));
  };
  const change = (changed: Partial<V>) => {
    set(changed);
    show(Object.keys(changed).filter((name) => changed[name] !== ''));
  };

  useEffect(() => {
    if (checks > 0) ref.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-refused="true"]')?.focus();
  }, [checks]);

  const isValid = (names: readonly string[]) => names.every((name) => errors[name] === undefined);

  return {
    values,
    isDirty: Object.keys(values).some((name) => values[name] !== start[name]),
    ref,
    change,
    field: (name) => ({
      id: `field-${name}`,
      value: values[name] ?? '',
      error: rejected[name] ?? (shown.has(name) ? errors[name] : undefined) ?? null,
      onChange: (value) => {
        set({ [name]: value } as unknown as Partial<V>);
        show([name]);
      },
      onBlur: () => show([name]),
    }),
    isValid,
    check: (names = Object.keys(values)) => {
      show(names);
      setChecks((count) => count + 1);
      return isValid(names);
    },
    reject: (found) => {
      setRejected(found);
      setChecks((count) => count + 1);
    },
  };
}
