import { AsyncSelect } from '@atlaskit/select';
import { type Choice, FieldFrame, type FieldProps, selectProps } from '../../shared/fields';
import { fromIds, toIds } from './project-ids';
import { useProjects } from './use-projects';

/** Any number of projects: typed letters search for them. */
export function ProjectsField(props: FieldProps) {
  const { field, hint } = props;
  const projects = useProjects();
  return (
    <FieldFrame {...props} hint={projects.problem || hint}>
      <AsyncSelect<Choice, true>
        {...selectProps(props)}
        {...projects.select}
        isMulti
        value={toIds(field.value).map(projects.choiceOf)}
        onChange={(now) => field.onChange(fromIds(now.map(({ value }) => value)))}
      />
    </FieldFrame>
  );
}
