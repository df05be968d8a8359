import { Box, Stack, xcss } from '@atlaskit/primitives';
import { type RefObject, type UIEvent, useLayoutEffect, useRef } from 'react';

const boxStyles = xcss({
  font: 'font.code',
  color: 'color.text',
  backgroundColor: 'color.background.neutral',
  borderRadius: 'radius.small',
  padding: 'space.150',
  maxHeight: '20rem',
  overflow: 'auto',
  whiteSpace: 'pre-wrap',
  overflowWrap: 'anywhere',
});

/** Pixels from the end within which a reader counts as being there. */
const nearEnd = 8;

interface Props {
  label: string;
  lines: readonly string[];
  /** Shows the newest lines, also as they come, unless the reader has scrolled away from them. */
  isFollowed?: boolean;
  boxRef?: RefObject<HTMLDivElement>;
}

/** What went over the wire, line by line. */
export function ProtocolBox({ label, lines, isFollowed = false, boxRef }: Props) {
  const ownRef = useRef<HTMLDivElement>(null);
  const box = boxRef ?? ownRef;
  const isAtEnd = useRef(true);
  const last = `${lines.length} ${lines.at(-1)}`;

  // biome-ignore lint/correctness/useExhaustiveDependencies: it scrolls because lines have come.
  useLayoutEffect(() => {
    if (isFollowed && isAtEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [isFollowed, last]);

  return (
    <Box
      ref={box}
      xcss={boxStyles}
      tabIndex={0}
      role="region"
      aria-label={label}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }: UIEvent<HTMLDivElement>) => {
        isAtEnd.current = scrollHeight - scrollTop - clientHeight <= nearEnd;
      }}
    >
      <Stack space="space.050">
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no names, and none ever changes.
          <span key={index}>{line}</span>
        ))}
      </Stack>
    </Box>
  );
}
