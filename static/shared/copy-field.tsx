import Button from '@atlaskit/button/new';
import { HelperMessage, Label } from '@atlaskit/form';
import { Box, Inline, xcss } from '@atlaskit/primitives';
import Textfield from '@atlaskit/textfield';
import { useId, useRef, useState } from 'react';

const growStyles = xcss({ flexGrow: '1', minWidth: '0px' });

/** Milliseconds that the button says that it has done its work. */
const doneMs = 2_000;

/** A value that is typed in somewhere else: shown whole, and copied with a click. */
export function CopyField({ label, value, hint }: { label: string; value: string; hint?: string }) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [isCopied, setCopied] = useState(false);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
    } catch {
      // A frame may be kept from the clipboard; then the keyboard still has it.
      input.current?.select();
      return;
    }
    setCopied(true);
    setTimeout(() => setCopied(false), doneMs);
  };
  return (
    <div>
      <Label htmlFor={id}>{label}</Label>
      <Inline space="space.100" alignBlock="center">
        <Box xcss={growStyles}>
          <Textfield
            id={id}
            ref={input}
            isReadOnly
            isMonospaced
            value={value}
            onFocus={(event) => event.currentTarget.select()}
          />
        </Box>
        <Button aria-label={`Copy ${label.toLowerCase()}`} onClick={() => void copy()}>
          {isCopied ? 'Copied' : 'Copy'}
        </Button>
      </Inline>
      {hint && <HelperMessage>{hint}</HelperMessage>}
    </div>
  );
}
