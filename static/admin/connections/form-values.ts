import { connectionSettings, imapPorts } from '../../../src/domain/connection';
import { type Payload, payloads } from '../../../src/resolvers/contract';
import type { FieldErrors } from '../../shared/use-form';

type Settings = Payload<'connections.create'>['settings'];

/** The form's fields as text, named by their paths in the settings. */
export type FormValues = Record<
  | 'provider'
  | 'name'
  | 'description'
  | 'encryption'
  | 'host'
  | 'port'
  | 'username'
  | 'password'
  | 'folder'
  | 'intervalMinutes'
  | 'afterDownload'
  | 'moveTo'
  | 'timeoutMs'
  | 'largestMailMb'
  | 'privateCa'
  | 'target.projectId'
  | 'target.issueTypeId',
  string
>;
export type FieldName = keyof FormValues;

/** The fields that decide how the mailbox is reached: a test needs no other. */
export const mailboxFields: readonly FieldName[] = [
  'provider',
  'encryption',
  'host',
  'port',
  'username',
  'password',
  'folder',
  'timeoutMs',
  'privateCa',
];

export const newConnection: FormValues = {
  provider: 'imap',
  name: '',
  description: '',
  encryption: 'tls',
  host: '',
  port: String(imapPorts.tls),
  username: '',
  password: '',
  folder: '',
  intervalMinutes: '1',
  afterDownload: 'mark-read',
  moveTo: '',
  timeoutMs: '10000',
  largestMailMb: '25',
  privateCa: '',
  'target.projectId': '',
  'target.issueTypeId': '',
};

export function toValues({ target, ...settings }: Settings): FormValues {
  const texts = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
  return {
    ...newConnection,
    ...texts,
    'target.projectId': target.projectId,
    'target.issueTypeId': target.issueTypeId,
  };
}

// `Number('')` is 0, which would turn a field that was left empty into an odd message about a minimum.
const toNumber = (text: string) => (text.trim() === '' ? Number.NaN : Number(text));

function toInput(values: FormValues): Record<string, unknown> {
  const {
    password: _,
    'target.projectId': projectId,
    'target.issueTypeId': issueTypeId,
    port,
    intervalMinutes,
    timeoutMs,
    largestMailMb,
    ...texts
  } = values;
  return {
    ...texts,
    port: toNumber(port),
    intervalMinutes: toNumber(intervalMinutes),
    timeoutMs: toNumber(timeoutMs),
    largestMailMb: toNumber(largestMailMb),
    target: { projectId, issueTypeId },
  };
}

/** The settings as the server takes them. @throws ZodError unless `validate` found nothing wrong. */
export function toSettings(values: FormValues): Settings {
  return connectionSettings.parse(toInput(values));
}

/** What is wrong with the values; a new connection needs a password, an edited one may keep its own. */
export function validate(values: FormValues, isNew: boolean): FieldErrors {
  const { password } = payloads['connections.create'].shape;
  const errors: Record<string, string> = {};
  const note = (path: string, message: string) => {
    errors[path] ??= message;
  };
  for (const issue of connectionSettings.safeParse(toInput(values)).error?.issues ?? []) {
    note(issue.path.join('.'), issue.message);
  }
  if (isNew || values.password !== '') {
    for (const issue of password.safeParse(values.password).error?.issues ?? []) note('password', issue.message);
  }
  return errors;
}

/** The server names fields by their path in the payload; the form by their path in the settings. */
export function fromServer(errors: FieldErrors): FieldErrors {
  return Object.fromEntries(
    Object.entries(errors).map(([path, message]) => [path.replace(/^settings\./, ''), message]),
  );
}

/**
 * What a test or a look at the folders sends: the mailbox as the form has it, and something harmless in all the other
 * fields, so that a mailbox can be tested before the form is complete.
 */
export function toDraft(values: FormValues, id: string | null): Payload<'connections.test'> {
  const settings = toSettings({
    ...newConnection,
    ...Object.fromEntries(mailboxFields.map((name) => [name, values[name]])),
    name: '-',
    'target.projectId': '-',
    'target.issueTypeId': '-',
  });
  return { ...(id !== null && { id }), settings, password: values.password };
}
