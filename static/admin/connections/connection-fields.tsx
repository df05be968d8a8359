import Heading from '@atlaskit/heading';
import { Box, Grid, Stack, Text, xcss } from '@atlaskit/primitives';
import SectionMessage from '@atlaskit/section-message';
import { type ReactNode, useId } from 'react';
import { imapPorts } from '../../../src/domain/connection';
import { ChoiceInput, TextBox, TextInput } from '../../shared/fields';
import type { Form } from '../../shared/use-form';
import { FolderField } from './folder-field';
import { afterDownloadChoices, encryptionChoices, providerChoices, formTexts as texts } from './form-texts';
import type { FormValues } from './form-values';
import { IssueTypeField, ProjectField } from './target-fields';

interface Props {
  form: Form<FormValues>;
  /** Null for a connection that was never saved. */
  id: string | null;
}

export function GeneralFields({ form }: Props) {
  return (
    <Section title={texts.generalSection}>
      <TextInput field={form.field('name')} label={texts.name} isRequired />
      <TextBox field={form.field('description')} label={texts.description} />
    </Section>
  );
}

export function ServerFields({ form, id, children }: Props & { children: ReactNode }) {
  const { values } = form;
  const encryption = form.field('encryption');
  const changeEncryption = (chosen: string) => {
    const ports = Object.entries(imapPorts);
    const usual = (name: string) => String(ports.find(([candidate]) => candidate === name)?.[1] ?? values.port);
    // A port that was edited stays: only the one that we filled in follows.
    const port = values.port === usual(values.encryption) ? usual(chosen) : values.port;
    form.change({ encryption: chosen, port });
  };
  return (
    <Section title={texts.serverSection}>
      <ChoiceInput field={form.field('provider')} label={texts.provider} choices={providerChoices} isRequired />
      <ChoiceInput
        field={{ ...encryption, onChange: changeEncryption }}
        label={texts.encryption}
        choices={encryptionChoices}
        isRequired
      />
      {values.encryption === 'none' && <Warning>{texts.encryptionNone}</Warning>}
      <TextInput field={form.field('host')} label={texts.host} placeholder={texts.hostPlaceholder} isRequired />
      <TextInput
        field={form.field('port')}
        label={texts.port}
        type="number"
        min={1}
        max={65_535}
        width="small"
        isRequired
      />
      <TextInput field={form.field('username')} label={texts.username} isRequired />
      <TextInput
        field={form.field('password')}
        label={texts.password}
        type="password"
        autoComplete="new-password"
        isRequired={id === null}
        {...(id !== null && { hint: texts.passwordKept })}
      />
      <FolderField
        field={form.field('folder')}
        label={texts.folder}
        hint={texts.folderHint}
        placeholder={texts.folderPlaceholder}
        values={values}
        id={id}
      />
      {children}
    </Section>
  );
}

export function MailFields({ form, id }: Props) {
  const { afterDownload } = form.values;
  return (
    <Section title={texts.mailSection}>
      <TextInput
        field={form.field('intervalMinutes')}
        label={texts.interval}
        hint={texts.intervalHint}
        type="number"
        min={1}
        max={60}
        width="small"
        isRequired
      />
      <ChoiceInput
        field={form.field('afterDownload')}
        label={texts.afterDownload}
        hint={texts.afterDownloadHint}
        choices={afterDownloadChoices}
        isRequired
      />
      {afterDownload === 'delete' && <Warning>{texts.deleteWarning}</Warning>}
      {afterDownload === 'move' && (
        <FolderField
          field={form.field('moveTo')}
          label={texts.moveTo}
          placeholder=""
          values={form.values}
          id={id}
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

export function AdvancedFields({ form }: Props) {
  return (
    <Section title={texts.advancedSection}>
      <TextBox
        field={form.field('privateCa')}
        label={texts.privateCa}
        hint={texts.privateCaHint}
        placeholder="-----BEGIN CERTIFICATE-----"
        isMonospaced
      />
      <TextInput
        field={form.field('timeoutMs')}
        label={texts.timeout}
        hint={texts.timeoutHint}
        type="number"
        min={1}
        max={60_000}
        width="small"
        isRequired
      />
      <TextInput
        field={form.field('largestMailMb')}
        label={texts.largest}
        hint={texts.largestHint}
        type="number"
        min={1}
        max={50}
        width="small"
        isRequired
      />
    </Section>
  );
}

const sectionStyles = xcss({ borderStyle: 'none', padding: 'space.0', margin: 'space.0' });

function Section({ title, children }: { title: string; children: ReactNode }) {
  const titleId = useId();
  return (
    <Box role="group" aria-labelledby={titleId} xcss={sectionStyles}>
      <Stack space="space.200">
        <Heading as="h2" size="small" id={titleId}>
          {title}
        </Heading>
        <Grid gap="space.200">{children}</Grid>
      </Stack>
    </Box>
  );
}

function Warning({ children }: { children: string }) {
  return (
    <SectionMessage appearance="warning">
      <Text as="p">{children}</Text>
    </SectionMessage>
  );
}
