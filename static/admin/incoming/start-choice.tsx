import { Box, Stack, Text, xcss } from '@atlaskit/primitives';
import { Radio } from '@atlaskit/radio';
import { type ReactNode, useId } from 'react';
import type { StartChoice } from '../../../src/resolvers/contract';
import { enableTexts as texts } from './enable-texts';
import type { Counted } from './use-estimates';

export type From = StartChoice['from'];

export interface Option {
  from: From;
  /** Null while its date is none. */
  counted: Counted | null;
}

interface Props {
  options: readonly Option[];
  /** POP3 has none. */
  hasFolders: boolean;
  chosen: From;
  onChoose: (from: From) => void;
  /** Below the option of that name, while it is chosen. */
  date: ReactNode;
}

const belowStyles = xcss({ paddingInlineStart: 'space.300', paddingBlockEnd: 'space.100' });

/** Where to start, each with how much mail that means. */
export function StartOptions({ options, hasFolders, chosen, onChoose, date }: Props) {
  const labelId = useId();
  const name = useId();
  return (
    <div role="radiogroup" aria-labelledby={labelId}>
      <Stack space="space.100">
        <Text as="p" weight="medium" id={labelId}>
          {texts.question}
        </Text>
        {options.map(({ from, counted }) => (
          <div key={from}>
            <Radio
              name={name}
              value={from}
              isChecked={from === chosen}
              isDisabled={isUnavailable(counted)}
              onChange={() => onChoose(from)}
              label={
                <OptionLabel
                  name={hasFolders ? texts.starts[from] : withoutFolders[from]}
                  counted={counted}
                  hasFolders={hasFolders}
                />
              }
            />
            {from === 'since' && chosen === 'since' && <Box xcss={belowStyles}>{date}</Box>}
          </div>
        ))}
      </Stack>
    </div>
  );
}

const withoutFolders: Record<From, string> = { ...texts.starts, everything: texts.everythingInMailbox };

export const isUnavailable = (counted: Counted | null): boolean =>
  counted?.state === 'counted' && !counted.estimate.available;

function OptionLabel({ name, counted, hasFolders }: { name: string; counted: Counted | null; hasFolders: boolean }) {
  const count = counted === null ? null : countText(counted, hasFolders);
  // The name alone is pale: why a start can't be had must be easy to read.
  const nameColor = isUnavailable(counted) ? 'color.text.disabled' : 'color.text';
  return (
    <Stack>
      <Text color={nameColor}>{name}</Text>
      {count !== null && (
        <Text size="small" color="color.text.subtle">
          {count}
        </Text>
      )}
    </Stack>
  );
}

function countText(counted: Counted, hasFolders: boolean): string {
  if (counted.state === 'waiting') return texts.waiting;
  if (counted.state === 'counting') return texts.counting;
  if (counted.state === 'failed') return texts.notCounted;
  const { count, confidence, available, reason, reached, taken, left } = counted.estimate;
  if (!available && reason !== null) return texts.unavailable(reason);
  if (count === null) return texts.uncounted;
  const isKnown = reached !== null && taken + left > 0;
  const text = isKnown ? texts.known(reached, taken, left, count, hasFolders) : texts.count(count);
  return `${text}${texts.confidence[confidence]}`;
}
