import Link from '@atlaskit/link';
import type { ReactNode } from 'react';
import { useRouter } from './router';

interface Props {
  to: string;
  label?: string;
  children: ReactNode;
}

/** A link to another screen of the app; `label` names it where its content alone does not. */
export function ScreenLink({ to, label, children }: Props) {
  const { navigate } = useRouter();
  return (
    <Link
      href={`#${to}`}
      {...(label !== undefined && { 'aria-label': label })}
      onClick={(event) => {
        event.preventDefault();
        navigate(to);
      }}
    >
      {children}
    </Link>
  );
}
