import Link from '@atlaskit/link';
import { Stack, Text } from '@atlaskit/primitives';
import { router } from '@forge/bridge';
import { useState } from 'react';
import { CopyField } from './copy-field';

/**
 * A link to another site. The frame of an app may open no tabs, so the product opens it (FORGE.md §5), and asks the person first.
 * Who declines, or whose browser stops the tab, gets the address to open by hand.
 */
export function OutsideLink({ href, children }: { href: string; children: string }) {
  const [isRefused, setRefused] = useState(false);
  const open = () =>
    router.open(href).then(
      () => setRefused(false),
      () => setRefused(true),
    );
  return (
    <Stack space="space.100">
      <Text as="p">
        <Link
          href={href}
          onClick={(event) => {
            event.preventDefault();
            void open();
          }}
        >
          {children}
        </Link>
      </Text>
      <div role="status">
        {isRefused && (
          <CopyField
            label="Address to open"
            value={href}
            hint="The page was not opened. Click the link again and agree to leave, or open this address yourself."
          />
        )}
      </div>
    </Stack>
  );
}
