import { deletionOf } from '../../../src/domain/connection';
import { ChoiceInput, NumberInput, TextBox, TextInput } from '../../shared/fields';
import { Section, Warning } from '../../shared/form-section';
import type { Form } from '../../shared/use-form';
import type { AccessContext } from '../account/access';
import { connectionTexts } from '../account/texts';
import { IssueTypeField, ProjectField } from '../jira/target-fields';
import { FolderField } from './folder-field';
import { afterDownloadChoices, pop3AfterDownloadChoices, formTexts as texts } from './form-texts';
import type { FormValues } from './form-values';

interface Props {
  form: Form<FormValues>;
  /** Null for a connection that was never saved. */
  id: string | null;
  context: AccessContext;
}

export function GeneralFields({ form }: Props) {
  return (
    <Section title={connectionTexts.generalSection}>
      <TextInput field={form.field('name')} label={connectionTexts.name} isRequired />
      <TextBox field={form.field('description')} label={connectionTexts.description} />
    </Section>
  );
}

export function MailFields({ form, id, context }: Props) {
  const { afterDownload, provider } = form.values;
  const isPop3 = provider === 'pop3';
  return (
    <Section title={texts.mailSection}>
      <NumberInput
        field={form.field('intervalMinutes')}
        label={texts.interval}
        hint={texts.intervalHint}
        min={1}
        max={60}
      />
      <ChoiceInput
        field={form.field('afterDownload')}
        label={texts.afterDownload}
        hint={texts.afterDownloadHint}
        choices={isPop3 ? pop3AfterDownloadChoices : afterDownloadChoices}
        isRequired
      />
      {isPop3 && afterDownload === 'mark-read' && <Warning>{texts.pop3Warning}</Warning>}
      {afterDownload === 'delete' && <Warning>{texts.deleteWarning[deletionOf({ provider })]}</Warning>}
      {afterDownload === 'move' && (
        <FolderField
          field={form.field('moveTo')}
          label={texts.moveTo}
          placeholder=""
          values={form.values}
          id={id}
          context={context}
          isRequired
        />
      )}
    </Section>
  );
}

export function TargetFields({ form }: Props) {
  const project = form.field('target.projectId');
  // An issue type of one project means nothing in another.
  const changeProject = (projectId: string) => form.change({ 'target.projectId': projectId, 'target.issueTypeId': '' });
  return (
    <Section title={texts.issueSection}>
      <ProjectField field={{ ...project, onChange: changeProject }} />
      <IssueTypeField field={form.field('target.issueTypeId')} projectId={project.value} />
    </Section>
  );
}
