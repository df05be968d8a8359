import Button from '@atlaskit/button/new';
import { Box, Inline, Stack, Text, xcss } from '@atlaskit/primitives';
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import type { Values } from '../../../src/resolvers/contract';
import type { ConnectionView } from '../../../src/resolvers/views';
import { attempt } from '../../shared/attempt';
import { call } from '../../shared/call';
import { ConfirmDialog } from '../../shared/confirm-dialog';
import { download } from '../../shared/download';
import { flag } from '../../shared/flags';
import { Section } from '../../shared/form-section';
import { ProtocolBox } from '../../shared/protocol-box';
import { QueryNotice } from '../../shared/query-notice';
import { useClockTime } from '../../shared/reader';
import { useNow } from '../../shared/use-now';
import { useQuery } from '../../shared/use-query';
import { WorkButton } from '../../shared/work-button';
import { actionTexts } from '../incoming/texts';
import { protocolTexts as texts } from './texts';

type Protocol = Values['connections.protocol'];

/** Milliseconds between two looks at the log, while it is on and while it is off: a poll may end after its time. */
const refreshMs = 3_000;
const refreshWhileOffMs = 20_000;

// Room above, so that the heading does not stick to the edge when the page scrolls to it.
const placeStyles = xcss({ scrollMarginTop: 'space.300' });

interface Props {
  connection: ConnectionView;
  /** Scrolls to this section once it is there: the reader came for it. */
  isWanted: boolean;
  onPoll: () => void;
}

/** What Letterbox and the mail server say to each other: switched on for a while, read, and taken along. */
export function ProtocolSection({ connection, isWanted, onPoll }: Props) {
  const { id } = connection;
  const load = useCallback(() => call('connections.protocol', { id }), [id]);
  const [isOn, setOn] = useState(false);
  const query = useQuery(load, isOn ? refreshMs : refreshWhileOffMs);
  const { value, reload } = query;
  const now = useNow(value?.until != null);
  const leftMs = Math.max(0, (value?.until ?? 0) - now);
  useEffect(() => setOn(leftMs > 0), [leftMs]);

  const place = useRef<HTMLDivElement>(null);
  const isLoaded = value !== null;
  useEffect(() => {
    if (isWanted && isLoaded) place.current?.scrollIntoView();
  }, [isWanted, isLoaded]);

  return (
    <Box ref={place} xcss={placeStyles}>
      <Section title={texts.section}>
        <Text as="p">{texts.explained}</Text>
        <QueryNotice query={query} texts={texts} />
        {value !== null && (
          <>
            <Switch connection={connection} leftMs={leftMs} onSwitched={reload} onPoll={onPoll} />
            <Lines connection={connection} protocol={value} isOn={leftMs > 0} onCleared={reload} />
          </>
        )}
      </Section>
    </Box>
  );
}

interface SwitchProps {
  connection: ConnectionView;
  leftMs: number;
  onSwitched: () => Promise<void>;
  onPoll: () => void;
}

function Switch({ connection: { id, version, state, settings }, leftMs, onSwitched, onPoll }: SwitchProps) {
  const isOn = leftMs > 0;
  const turn = async () => {
    await attempt(texts.switchFailed(settings.name), () => call('connections.log', { id, version, on: !isOn }));
    await onSwitched();
  };
  return (
    <Inline space="space.150" rowSpace="space.100" alignBlock="center" shouldWrap>
      <WorkButton onClick={turn}>{isOn ? texts.switchOff : texts.switchOn}</WorkButton>
      {isOn && state === 'enabled' && <Button onClick={onPoll}>{actionTexts.pollNow}</Button>}
      <Text color="color.text.subtle">{isOn ? texts.left(leftMs) : texts.off}</Text>
    </Inline>
  );
}

interface LinesProps {
  connection: ConnectionView;
  protocol: Protocol;
  isOn: boolean;
  onCleared: () => Promise<void>;
}

function Lines({ connection, protocol: { lines, cut }, isOn, onCleared }: LinesProps) {
  const clockTime = useClockTime();
  const box = useRef<HTMLDivElement>(null);
  const isEnabled = connection.state === 'enabled';
  if (lines.length === 0) {
    const empty = isOn ? texts.waiting : texts.empty;
    return <Text as="p">{isEnabled ? empty : texts.notEnabled}</Text>;
  }
  return (
    <Stack space="space.100">
      {cut && <Text color="color.text.subtle">{texts.cut}</Text>}
      <ProtocolBox
        label={texts.section}
        lines={lines.map(({ at, text }) => `${clockTime(at)}  ${text}`)}
        isFollowed
        boxRef={box}
      />
      <Inline space="space.100" rowSpace="space.100" shouldWrap>
        <CopyButton text={() => asFile(lines)} whole={box} />
        <Button onClick={() => download(texts.fileName(new Date()), new Blob([asFile(lines)], { type: 'text/plain' }))}>
          {texts.download}
        </Button>
        <ClearButton connection={connection} onCleared={onCleared} />
      </Inline>
    </Stack>
  );
}

/** Times as whoever gets the file can read them, wherever that is. */
function asFile(lines: Protocol['lines']): string {
  return lines.map(({ at, text }) => `${new Date(at).toISOString()}  ${text}\n`).join('');
}

/** Milliseconds that the button says that it has done its work. */
const doneMs = 2_000;

function CopyButton({ text, whole }: { text: () => string; whole: RefObject<HTMLElement> }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
    } catch {
      // A frame may be kept from the clipboard; then the keyboard still has it.
      if (whole.current) window.getSelection()?.selectAllChildren(whole.current);
      flag('info', texts.selected, texts.selectedHint);
      return;
    }
    setCopied(true);
    setTimeout(() => setCopied(false), doneMs);
  };
  return <Button onClick={() => void copy()}>{isCopied ? texts.copied : texts.copy}</Button>;
}

function ClearButton({ connection: { id, settings }, onCleared }: Pick<LinesProps, 'connection' | 'onCleared'>) {
  const [isAsked, setAsked] = useState(false);
  const clear = async () => {
    await attempt(texts.clearFailed(settings.name), () => call('connections.clearProtocol', { id }));
    await onCleared();
    setAsked(false);
  };
  return (
    <>
      <Button onClick={() => setAsked(true)}>{texts.clear}</Button>
      <ConfirmDialog
        isOpen={isAsked}
        title={texts.clearTitle}
        confirmLabel={texts.clear}
        onConfirm={clear}
        onCancel={() => setAsked(false)}
      >
        {texts.clearText}
      </ConfirmDialog>
    </>
  );
}
